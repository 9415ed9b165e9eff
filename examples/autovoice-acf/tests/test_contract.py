"""The package proves what it claims."""

from autovoice_core.testing import PitchContract


class TestTracker(PitchContract):
    """Everything that the contract asks of a pitch tracker."""

    backend = "acf/tracker"

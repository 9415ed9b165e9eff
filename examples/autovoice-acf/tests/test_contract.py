"""The contract suite, run on this package."""

from autovoice_core.testing import PitchContract


class TestTracker(PitchContract):
    """All tests of a pitch tracker."""

    backend = "acf/tracker"

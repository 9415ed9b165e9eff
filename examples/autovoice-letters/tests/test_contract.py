"""The contract suite, run on this package."""

from autovoice_core.testing import SpeechContract


class TestEngine(SpeechContract):
    """All tests of a speech engine."""

    backend = "letters/engine"

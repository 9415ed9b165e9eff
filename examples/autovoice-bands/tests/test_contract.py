"""The contract suite, run on this package."""

from autovoice_core.testing import SeparatorContract


class TestSeparator(SeparatorContract):
    """All tests of a separator."""

    backend = "bands/separator"

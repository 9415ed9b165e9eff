"""The contract suite, run on this package."""

from autovoice_core.testing import ConverterContract


class TestConverter(ConverterContract):
    """All tests of a converter."""

    backend = "psola/converter"

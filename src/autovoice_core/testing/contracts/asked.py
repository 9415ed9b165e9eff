"""The contracts of the backends that ``--autovoice-backend`` names; see ``_autovoice_pytest``."""

from autovoice_core.testing.contracts import ConverterContract, PitchContract, SeparatorContract

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract"]

"""Contracts of the backends named by ``--autovoice-backend``; see ``_autovoice_pytest``."""

from autovoice_core.testing.contracts import (
    ConverterContract,
    PitchContract,
    SeparatorContract,
    SpeechContract,
)

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract", "SpeechContract"]

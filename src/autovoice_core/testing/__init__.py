"""Support for tests of backends: contracts, synthesised singing, DLPack-only arrays, a fake GPU.

Contracts need pytest and hypothesis: ``pip install autovoice-core[testing]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovoice_core.testing.contracts import (
        ConverterContract,
        PitchContract,
        SeparatorContract,
        SpeechContract,
    )

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract", "SpeechContract"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'autovoice_core.testing' has no attribute {name!r}")
    # Bound on first use: synthesised singing alone needs neither pytest nor hypothesis.
    from autovoice_core.testing import contracts

    return getattr(contracts, name)

"""What tests of backends need: contracts, truth that is synthesised, arrays that only speak DLPack.

Contracts need pytest and hypothesis: ``pip install autovoice-core[testing]``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autovoice_core.testing.contracts import (
        ConverterContract,
        PitchContract,
        SeparatorContract,
    )

__all__ = ["ConverterContract", "PitchContract", "SeparatorContract"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'autovoice_core.testing' has no attribute {name!r}")
    # Bound on first use: whoever only wants the truth needs neither pytest nor hypothesis.
    from autovoice_core.testing import contracts

    return getattr(contracts, name)

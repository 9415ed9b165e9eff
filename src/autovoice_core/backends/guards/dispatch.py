"""The guard of each operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autovoice_core._provenance import Provenance
from autovoice_core.backends.guards.base import Guard
from autovoice_core.backends.guards.converter import GuardedConverter
from autovoice_core.backends.guards.pitch import GuardedPitchEstimator
from autovoice_core.backends.guards.separator import GuardedSeparator
from autovoice_core.backends.guards.speech import GuardedSpeechEngine

_GUARDS: dict[str, Callable[..., Guard]] = {
    "separation": GuardedSeparator,
    "pitch": GuardedPitchEstimator,
    "conversion": GuardedConverter,
    "speech": GuardedSpeechEngine,
}


def guard(implementation: Any, provenance: Provenance, latency: float | None = None) -> Any:
    """Return ``implementation`` of ``provenance.operation``, guarded.

    ``latency`` is the one that its offer states, None if it can't stream.

    Raises
    ------
    ContractViolation
        It lacks a part of the operation's protocol.
    """
    return _GUARDS[provenance.operation](implementation, provenance, latency=latency)

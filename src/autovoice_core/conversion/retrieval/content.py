"""What is said, told so that a singer's frames can be compared with the target's."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.cepstra import COEFFICIENTS, OFFSETS, in_context
from autovoice_core.conversion.retrieval.phones import LOOKS_AHEAD, Phones

PHONETIC = 0.6
"""Share of a comparison that falls to phones; cepstra in context are the rest."""

_VARIANCE = 1.5 * COEFFICIENTS  # of cepstra in context, all together


@frozen(eq=False)
class Said:
    """What is said in every frame.

    Attributes
    ----------
    features
        ``(frames, n)`` to compare by their distance.
    phones
        ``(frames, states)``, see :meth:`~autovoice_core.conversion.retrieval.phones.Phones.told`; none where
        too little is known of what comes.
    """

    features: Any
    phones: Any | None


class Hearing:
    """Tells what is said, by the measure of a target.

    Parameters
    ----------
    units
        ``(exemplars, COEFFICIENTS)`` cepstra of the target, of mean 0 and deviation 1.
    follows
        ``(exemplars,)`` on the host: whether one is the successor of the one before.
    ahead
        Frames to come that may be looked at. With fewer than ``LOOKS_AHEAD`` it goes by cepstra
        alone: phones told without them choose worse than none.

    Attributes
    ----------
    target
        What the target says.
    """

    def __init__(self, units: Any, follows: NDArray[Any], ahead: int) -> None:
        xp = array_namespace(units)
        self._offsets = tuple(min(offset, ahead) for offset in OFFSETS)
        self._phones = Phones(units) if ahead >= LOOKS_AHEAD else None
        phones = self.phones(units, follows)
        if phones is not None:
            self._mean = xp.mean(phones, axis=0, keepdims=True)
            varied = xp.sum(xp.mean((phones - self._mean) ** 2, axis=0, keepdims=True), axis=1)
            self._scale = xp.sqrt(PHONETIC * _VARIANCE / (varied + 1e-6))[:, None]
        self.target = self._said(units, follows, phones)

    def of(self, units: Any, follows: NDArray[Any]) -> Said:
        """Return what frames say, the cepstra ``units`` being those of the singer."""
        return self._said(units, follows, self.phones(units, follows))

    def phones(self, units: Any, follows: NDArray[Any], step: int = 1) -> Any | None:
        """Return the phones alone, of every ``step``-th frame."""
        return self._phones and self._phones.told(units, follows, step=step)

    def _said(self, units: Any, follows: NDArray[Any], phones: Any | None) -> Said:
        around = in_context(units, follows, self._offsets)
        if phones is None:
            return Said(around, None)
        parts = [(1.0 - PHONETIC) ** 0.5 * around, self._scale * (phones - self._mean)]
        return Said(array_namespace(units).concat(parts, axis=1), phones)

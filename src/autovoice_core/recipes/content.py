"""What is said, told so that a singer's frames can be compared with the target's."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.recipes.features import COEFFICIENTS, OFFSETS, in_context
from autovoice_core.recipes.phones import Phones

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
        ``(frames, states)``, see :meth:`~autovoice_core.recipes.phones.Phones.told`.
    """

    features: Any
    phones: Any


class Hearing:
    """Tells what is said, by the measure of a target.

    Parameters
    ----------
    units
        ``(exemplars, COEFFICIENTS)`` cepstra of the target, of mean 0 and deviation 1.
    follows
        ``(exemplars,)`` on the host: whether one is the successor of the one before.
    ahead
        Frames to come that may be looked at.

    Attributes
    ----------
    target
        What the target says.
    """

    def __init__(self, units: Any, follows: NDArray[np.bool_], ahead: int) -> None:
        xp = array_namespace(units)
        self._phones, self._ahead = Phones(units), ahead
        phones = self._phones.told(units, follows, ahead=ahead)
        self._mean = xp.mean(phones, axis=0, keepdims=True)
        varied = xp.sum(xp.mean((phones - self._mean) ** 2, axis=0, keepdims=True), axis=1)
        self._scale = xp.sqrt(PHONETIC * _VARIANCE / (varied + 1e-6))[:, None]
        self.target = Said(self._features(units, follows, phones), phones)

    def of(self, units: Any, follows: NDArray[np.bool_]) -> Said:
        """Return what frames say, the cepstra ``units`` being those of the singer."""
        phones = self._phones.told(units, follows, ahead=self._ahead)
        return Said(self._features(units, follows, phones), phones)

    def phones(self, units: Any, follows: NDArray[np.bool_], step: int) -> Any:
        """Return the phones of every ``step``-th frame."""
        return self._phones.told(units, follows, step=step, ahead=self._ahead)

    def _features(self, units: Any, follows: NDArray[np.bool_], phones: Any) -> Any:
        xp = array_namespace(units)
        offsets = tuple(min(offset, self._ahead) for offset in OFFSETS)
        around = in_context(units, follows, offsets)
        share = (1.0 - PHONETIC) ** 0.5
        return xp.concat([share * around, self._scale * (phones - self._mean)], axis=1)

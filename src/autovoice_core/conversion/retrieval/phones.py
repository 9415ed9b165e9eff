"""Posteriors of phones, independent of the speaker, by a small neural network.

Phonetic posteriorgrams: L. Sun et al., "Phonetic posteriorgrams for many-to-one voice conversion
without parallel data training", ICME 2016. ``training/phones.py`` trains the network; its weights
are in the file next to this one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.frames import asarray_like, in_context

PHONE_OFFSETS = (-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10)
"""Frames around a frame that the network sees."""

PHONE_LOOK_AHEAD = PHONE_OFFSETS[-1]
"""Later frames that the network sees."""

LAYERS = ("first", "second", "last")
"""Layers of the network, with rectifiers between them."""

WEIGHTS = Path(__file__).with_suffix(".safetensors")


class PhoneNetwork:
    """The network, in the library, on the device and in the dtype of ``like``."""

    def __init__(self, like: Any) -> None:
        self._layers = [
            tuple(asarray_like(like, _weights()[f"{layer}.{part}"]) for part in ("weight", "bias"))
            for layer in LAYERS
        ]

    def root_posteriors(self, units: Any, follows: NDArray[np.bool_], *, step: int = 1) -> Any:
        """Return the square roots of the posteriors of the states of phones.

        Their distance is Hellinger's, times a root of 2.

        Parameters
        ----------
        units
            ``(frames, COEFFICIENTS)`` cepstra of voiced frames, of mean 0 and deviation 1 for the
            speaker.
        follows
            ``(frames,)`` on the host: whether a frame is the successor of the one before.
        step
            Frames from one row to the next: 1 or 2.
        """
        xp = array_namespace(units)
        offsets = tuple(offset // step for offset in PHONE_OFFSETS)
        rows = in_context(units, follows, offsets, (1.0,) * len(offsets))
        for number, (weight, bias) in enumerate(self._layers):
            rows = xp.matmul(xp.clip(rows, 0.0, None) if number else rows, weight) + bias
        rows = xp.exp(0.5 * (rows - xp.max(rows, axis=1, keepdims=True)))
        return rows / xp.sqrt(xp.sum(rows * rows, axis=1, keepdims=True))


@cache
def _weights() -> dict[str, NDArray[Any]]:
    weights: dict[str, NDArray[Any]] = safetensors.numpy.load_file(WEIGHTS)
    return weights

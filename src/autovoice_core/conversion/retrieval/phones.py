"""Which phone is being said, whoever says it: a small network's opinion.

Phonetic posteriorgrams: L. Sun et al., "Phonetic posteriorgrams for many-to-one voice conversion
without parallel data training", ICME 2016. The network is trained by ``training/phones.py`` and
its weights lie beside this file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.cepstra import in_context
from autovoice_core.conversion.retrieval.frames import beside

OFFSETS = (-10, -8, -6, -4, -2, 0, 2, 4, 6, 8, 10)
"""Frames beside which a frame is heard."""

LOOKS_AHEAD = OFFSETS[-1]
"""Frames to come that are looked at."""

LAYERS = ("first", "second", "last")
"""Of the network, between them rectifiers."""

WEIGHTS = Path(__file__).with_suffix(".safetensors")


class Phones:
    """Tells phones, beside ``like``: on its library, device and dtype."""

    def __init__(self, like: Any) -> None:
        self._layers = [
            tuple(beside(like, _weights()[f"{layer}.{part}"]) for part in ("weight", "bias"))
            for layer in LAYERS
        ]

    def told(self, cepstra: Any, follows: NDArray[np.bool_], *, step: int = 1) -> Any:
        """Return the square roots of the probabilities that a state of a phone is being said.

        Their distance is Hellinger's, times a root of 2.

        Parameters
        ----------
        cepstra
            ``(frames, COEFFICIENTS)`` of voiced frames, of mean 0 and deviation 1 for the speaker.
        follows
            ``(frames,)`` on the host: whether a frame is the successor of the one before.
        step
            Frames from one row to the next: 1 or 2.
        """
        xp = array_namespace(cepstra)
        offsets = tuple(offset // step for offset in OFFSETS)
        rows = in_context(cepstra, follows, offsets, (1.0,) * len(offsets))
        for number, (weight, bias) in enumerate(self._layers):
            rows = xp.matmul(xp.clip(rows, 0.0, None) if number else rows, weight) + bias
        rows = xp.exp(0.5 * (rows - xp.max(rows, axis=1, keepdims=True)))
        return rows / xp.sqrt(xp.sum(rows * rows, axis=1, keepdims=True))


@cache
def _weights() -> dict[str, NDArray[Any]]:
    weights: dict[str, NDArray[Any]] = safetensors.numpy.load_file(WEIGHTS)
    return weights

"""Pitch by normalised cross-correlation and a best path, decided by integers alone.

The signal is compared with itself one lag later, under a window of twice the lag, the pair
centred on the frame's time (so that a glide is not read late or early, as by YIN's one-sided
difference). The peaks of this correlation are the candidates; the best path through them is the
track (Talkin 1995; Boersma 1993; Viterbi 1967). Scores are rounded to integers before anything
is decided by them, so that every machine takes the same path.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames
from autovoice_core.recipes.kernels import PitchKernels
from autovoice_core.recipes.pitch_front import (
    Lags,
    average_reach,
    decimation,
    energies,
    integers,
    low_pass,
    moving_average,
    softness,
)
from autovoice_core.recipes.pitch_path import decide
from autovoice_core.recipes.pitch_stream import NccfStream
from autovoice_core.recipes.pitch_tuning import BLOCK, IMPOSSIBLE, NOTHING, Tuning

__all__ = ["IMPOSSIBLE", "NOTHING", "Nccf", "Tuning"]


class Nccf:
    """A :class:`~autovoice_core._types.PitchEstimator` on the array library of its kernels."""

    context = 2.0

    def __init__(
        self,
        xp: Any,
        kernels: PitchKernels,
        *,
        fmin: float = 50.0,
        fmax: float = 1100.0,
        tuning: Tuning | None = None,
    ) -> None:
        self.xp, self.kernels = xp, kernels
        self._fmin, self._fmax = fmin, fmax
        self._tuning = tuning or Tuning()

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""
        return BLOCK * decimation(sample_rate)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``.

        Confidence is how well the sound repeats itself, less where it is soft; frames above 0.4
        are voiced if they last.
        """
        xp, tuning = self.xp, self._tuning
        factor = decimation(audio.sample_rate)
        rate = audio.sample_rate / factor
        lags = Lags.within(rate, self._fmin, self._fmax, tuning)
        signal = self._front(audio, factor)
        at = xp.asarray(centres) // factor
        found = lags.candidates(xp, self.kernels, signal, at, tuning.candidates)
        soft = xp.take(self._softness(signal, rate), at // BLOCK)
        return decide(xp, self.kernels, found, soft, tuning, rate)

    def stream(self, sample_rate: int, *, hop: float | Fraction) -> NccfStream:
        """Return a causal tracker with a short look-ahead, a frame every ``hop`` seconds."""
        rate = sample_rate / decimation(sample_rate)
        lags = Lags.within(rate, self._fmin, self._fmax, self._tuning)
        return NccfStream(self.xp, self.kernels, lags, self._tuning, sample_rate, hop)

    def _front(self, audio: Audio, factor: int) -> Any:
        xp = self.xp
        whole = integers(xp, xp.asarray(audio.samples)[0, :])
        signal = self.kernels.decimate(whole, xp.asarray(low_pass(audio.sample_rate)), factor)
        reach = average_reach(audio.sample_rate / factor)
        edge = xp.zeros(reach, dtype=xp.int32)
        return signal - moving_average(xp, xp.concat([edge, signal, edge]), 2 * reach + 1)

    def _softness(self, signal: Any, rate: float) -> Any:
        xp = self.xp
        count = -(-signal.shape[0] // BLOCK) + 1
        padded = xp.concat([signal, xp.zeros(count * BLOCK - signal.shape[0], dtype=xp.int32)])
        near = round(self._tuning.gate_seconds * rate / BLOCK)
        return softness(xp, energies(xp, padded), self._tuning, near, near)

"""Pitch by normalised cross-correlation and a best path, decided by integers alone.

The signal is compared with itself one lag later, under a window of twice the lag, the pair
centred on the frame's time (so that a glide is not read late or early, as by YIN's one-sided
difference). The peaks of this correlation are the candidates; the best path through them is the
track (Talkin 1995; Boersma 1993; Viterbi 1967). Scores are rounded to integers before anything
is decided by them, so that every machine takes the same path.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames
from autovoice_core.pitch.nccf.decode import decide
from autovoice_core.pitch.nccf.kernels import PitchKernels
from autovoice_core.pitch.nccf.neighbours import crowd
from autovoice_core.pitch.nccf.packing import Rows
from autovoice_core.pitch.nccf.parameters import BLOCK, IMPOSSIBLE, NOTHING, Tuning
from autovoice_core.pitch.nccf.preprocess import (
    Lags,
    average_reach,
    decimation,
    energies,
    integers,
    low_pass,
    moving_average,
    softness,
)
from autovoice_core.pitch.nccf.stream import NccfStream

__all__ = ["IMPOSSIBLE", "NOTHING", "Nccf", "Tuning"]


class Nccf:
    """A :class:`~autovoice_core._protocols.BatchPitchEstimator` on its kernels' array library."""

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

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` among the library's arrays."""
        return Audio(self.xp.asarray(audio.samples), audio.sample_rate, audio.made_by)

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes, before and after its rate is lowered."""
        del channels
        return 4e6 + frames * (15 + 36 / decimation(sample_rate))

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``.

        Confidence is how well the sound repeats itself, less where it is soft; frames above 0.4
        are voiced if they last.
        """
        return self.estimate_batch([audio], [centres])[0]

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` gives of each, by one call of each kernel."""
        xp, tuning = self.xp, self._tuning
        factor = decimation(audios[0].sample_rate)
        rate = audios[0].sample_rate / factor
        lags = Lags.within(rate, self._fmin, self._fmax, tuning)
        near = round(tuning.gate_seconds * rate / BLOCK)
        samples = [xp.asarray(audio.samples)[0, :] for audio in audios]
        lengths = [row.shape[0] for row in samples]
        rows = Rows.of(lengths, factor, max(near * BLOCK, lags.reach))
        signal = self._front(rows.joined(xp, samples, factor), rows, audios[0].sample_rate)
        positions = rows.positions([each // factor for each in centres])
        at = xp.asarray(positions)
        found = lags.candidates(xp, self.kernels, signal, at, tuning.candidates)
        soft = softness(xp, energies(xp, signal), tuning, near, near)
        soft = xp.take(soft, at // BLOCK)
        edges = np.append(0, np.cumsum([len(each) for each in centres]))
        starts = xp.asarray(edges[:-1])
        beside = crowd(positions, round(tuning.line * rate))
        track: Any = decide(xp, self.kernels, found, soft, tuning, rate, starts, at, beside)
        return [
            PitchFrames(track.f0[a:b], track.voiced[a:b], track.confidence[a:b])
            for a, b in pairwise(edges.tolist())
        ]

    def stream(self, sample_rate: int, *, hop: float | Fraction) -> NccfStream:
        """Return a causal tracker with a short look-ahead, a frame every ``hop`` seconds."""
        rate = sample_rate / decimation(sample_rate)
        lags = Lags.within(rate, self._fmin, self._fmax, self._tuning)
        return NccfStream(self.xp, self.kernels, lags, self._tuning, sample_rate, hop)

    def _front(self, samples: Any, rows: Rows, sample_rate: int) -> Any:
        """Return all rows at the lower rate, in whole numbers, without what lies under a voice."""
        xp, factor = self.xp, decimation(sample_rate)
        taps = xp.asarray(low_pass(sample_rate))
        signal = rows.alone(xp, self.kernels.decimate(integers(xp, samples), taps, factor))
        reach = average_reach(sample_rate / factor)
        edge = xp.zeros(reach, dtype=xp.int32)
        average = moving_average(xp, xp.concat([edge, signal, edge]), 2 * reach + 1)
        return rows.alone(xp, signal - average)

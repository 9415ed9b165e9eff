"""Pitch by normalised cross-correlation and a best path, decided by integers alone.

The signal is compared with itself one lag later, under a window of twice the lag, the pair
centred on the frame's time (so that a glide is not read late or early, as by YIN's one-sided
difference). The peaks of this correlation are the candidates; the best path through them, with
a state for unvoiced, is the track (Talkin 1995; Boersma 1993; Viterbi 1967). Scores are rounded
to integers before anything is decided by them, so that every machine takes the same path.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchFrames
from autovoice_core.recipes.kernels import PitchKernels

NOTHING = -(1 << 20)
"""Score of a candidate that is not there."""
IMPOSSIBLE = -(1 << 28)
"""Score of a path that can't be taken."""

ONE = 4096
"""The score of a signal that repeats itself exactly."""
OCTAVE = 1024
"""Units of place, the logarithm of lag, in an octave."""
FINE = 16
"""Places are looked up in a table at this many steps a sample of lag."""
FULL_SCALE = 1 << 23
RATE = 22050
"""Correlation runs near this rate, Hz."""
TOP = 5000.0
"""Above this frequency in Hz the signal is left out; it adds more noise than harmonics."""
BLOCK = 256
"""Samples whose energy decides together whether anything sounds."""
FLOOR = BLOCK * 84**2
"""Energy of a block at -100 dB of full scale; what is quieter never counts as a voice."""


@frozen
class Tuning:
    """The constants of the tracker, in units of the score (4096 is a perfect repetition).

    Attributes
    ----------
    candidates
        Peaks kept of each frame.
    octave_cost
        Taken off for each octave that a lag is longer than the shortest.
    jump, jump_most
        Cost of moving an octave from frame to frame, and the most any movement costs.
    change
        Cost of a change between voiced and unvoiced.
    unvoiced
        Score of the unvoiced state.
    gate
        Powers of two by which a block's energy may lie under the loudest within ``gate_seconds``
        (17 are 51 dB).
    periods, window
        Length of what is compared: so many lags, but at least so many seconds.
    """

    candidates: int = 16
    octave_cost: int = 164
    jump: int = 3686
    jump_most: int = 4915
    change: int = 1229
    unvoiced: int = 2048
    gate: int = 17
    gate_seconds: float = 1.0
    periods: int = 2
    window: float = 0.016


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
        self._xp, self._kernels = xp, kernels
        self._fmin, self._fmax = fmin, fmax
        self._tuning = tuning or Tuning()

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples of whose multiples windows must begin."""
        return BLOCK * decimation(sample_rate)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        xp, tuning = self._xp, self._tuning
        factor = decimation(audio.sample_rate)
        rate = audio.sample_rate / factor
        table = _lags(rate, self._fmin, self._fmax, tuning)
        signal = self._front(audio, factor)
        at = xp.asarray(centres) // factor
        score, lag = self._kernels.correlate(
            signal,
            at,
            table.first,
            xp.asarray(table.widths),
            xp.asarray(table.costs),
            tuning.candidates,
        )
        fine = xp.astype(xp.round(lag * FINE), xp.int64)
        places = xp.asarray(table.places)
        place = xp.reshape(xp.take(places, xp.reshape(fine, (-1,))), fine.shape)
        sounding = self._sounding(signal, at, rate)
        weights = xp.asarray(
            np.array([tuning.unvoiced, tuning.change, tuning.jump, tuning.jump_most], np.int32)
        )
        path = self._kernels.decode(score, place, sounding, weights)
        voiced = path >= 0
        chosen = xp.where(voiced, path, xp.zeros_like(path))
        index = xp.astype(chosen, xp.int64)[:, None]
        period = xp.take_along_axis(lag, index, axis=1)[:, 0]
        value = xp.take_along_axis(score, index, axis=1)[:, 0]
        f0 = xp.where(voiced, rate / xp.where(voiced, period, 1.0), 0.0)
        confidence = xp.clip(xp.astype(value, xp.float32) / ONE, 0.0, 1.0)
        return PitchFrames(f0, voiced, confidence)

    def _front(self, audio: Audio, factor: int) -> Any:
        xp = self._xp
        samples = xp.asarray(audio.samples)[0, :]
        whole = xp.astype(xp.round(xp.clip(samples, -8.0, 8.0) * FULL_SCALE), xp.int32)
        signal = self._kernels.decimate(whole, xp.asarray(_taps(audio.sample_rate)), factor)
        # The centred moving average takes away what lies under the lowest voice.
        half = round(audio.sample_rate / factor / 90)
        return signal - self._average(signal, half)

    def _average(self, signal: Any, half: int) -> Any:
        xp = self._xp
        zeros = xp.zeros(half + 1, dtype=xp.int64)
        edges = xp.cumulative_sum(xp.concat([zeros, xp.astype(signal, xp.int64), zeros[1:]]))
        width = 2 * half + 1
        return xp.astype((edges[width:] - edges[:-width]) // width, xp.int32)

    def _sounding(self, signal: Any, at: Any, rate: float) -> Any:
        xp = self._xp
        count = -(-signal.shape[0] // BLOCK) + 1
        padded = xp.concat([signal, xp.zeros(count * BLOCK - signal.shape[0], dtype=xp.int32)])
        wide = xp.astype(xp.reshape(padded, (count, BLOCK)), xp.int64)
        energy = xp.sum(wide * wide, axis=1)
        loudest = _running_max(xp, energy, round(self._tuning.gate_seconds * rate / BLOCK))
        threshold = xp.maximum(loudest >> self._tuning.gate, xp.full_like(loudest, FLOOR))
        return xp.take(energy > threshold, at // BLOCK)


def decimation(sample_rate: int) -> int:
    """Return the factor by which the sample rate is lowered."""
    return max(1, round(sample_rate / RATE))


@frozen(eq=False)
class _Lags:
    first: int
    widths: NDArray[np.int32]
    costs: NDArray[np.int32]
    places: NDArray[np.int32]


def _lags(rate: float, fmin: float, fmax: float, tuning: Tuning) -> _Lags:
    first = int(rate / fmax) - 1
    last = int(np.ceil(rate / fmin)) + 1
    lags = np.arange(first, last + 1)
    widths = np.maximum(tuning.periods * lags, round(tuning.window * rate))
    costs = np.rint(tuning.octave_cost * np.log2(lags / first))
    fine = np.arange(FINE * (last + 2)) / FINE
    places = np.rint(OCTAVE * np.log2(np.maximum(fine, 1.0)))
    return _Lags(first, widths.astype(np.int32), costs.astype(np.int32), places.astype(np.int32))


def _taps(sample_rate: int) -> NDArray[np.int32]:
    """Return a low pass in Q15 that keeps the harmonics that matter and leaves out noise."""
    half = 24 * decimation(sample_rate)
    time = np.arange(-half, half + 1)
    cut = min(TOP / sample_rate, 0.45)
    taps = np.sinc(2 * cut * time) * np.kaiser(2 * half + 1, 5.0)
    whole: NDArray[np.int32] = np.rint(taps / taps.sum() * (1 << 15)).astype(np.int32)
    whole[half] += (1 << 15) - whole.sum()
    return whole


def _running_max(xp: Any, values: Any, reach: int) -> Any:
    """Return the largest of the values within ``reach`` to either side, by doubling."""
    edge = xp.zeros(reach, dtype=values.dtype)
    wide = xp.concat([edge, values, edge])
    span = 1
    width = 2 * reach + 1
    while 2 * span <= width:
        wide = xp.maximum(wide[:-span], wide[span:])
        span *= 2
    rest = width - span
    return xp.maximum(wide[: wide.shape[0] - rest], wide[rest:]) if rest else wide

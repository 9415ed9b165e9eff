"""True peak after ITU-R BS.1770-4, annex 2: that of the waveform between the samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core.audio.source import Block

MAX_TRUE_PEAK_DB = -1.0
"""True peak of a mix at most, dBTP: EBU R 128, so that players which resample don't clip."""
OVERSAMPLING = 4
"""Points that are computed for each sample."""
HALF_WIDTH = 512
"""Samples on each side that a point between two samples is computed from."""
KAISER_BETA = 8.0
"""Shape of the window on the sinc function: flat to within 1 % of half the sample rate."""
REFINED_SHARE = 0.92
"""Share of the peak above which a maximum is refined: four points a sample miss less than that."""
_FFT_SIZE = 1 << 14


class TruePeakMeter:
    """True peak of audio that arrives in blocks of any size.

    Four points for each sample, and a parabola through the three nearest each maximum, are within
    0.1 dB of the waveform's peak. Memory does not grow.
    """

    def __init__(self, channels: int) -> None:
        self._spectra = np.fft.rfft(_interpolators(), n=_FFT_SIZE)[:, None, :]
        self._past: Block = np.zeros((channels, 2 * HALF_WIDTH + 1), np.float32)
        self._peak = 0.0

    def feed(self, block: Block) -> None:
        """Take in ``block``, ``(channels, frames)``."""
        at_once = _FFT_SIZE - self._past.shape[1]
        for start in range(0, block.shape[1], at_once):
            self._feed(block[:, start : start + at_once])

    def finish(self) -> float:
        """Return the true peak of all that was fed, 1.0 being full scale; silence follows."""
        self.feed(np.zeros_like(self._past))
        return self._peak

    def _feed(self, block: Block) -> None:
        joined = np.concatenate([self._past, block], axis=1)
        self._past = joined[:, block.shape[1] :]
        spectrum = np.fft.rfft(joined, n=_FFT_SIZE)[None]
        between = np.fft.irfft(spectrum * self._spectra, n=_FFT_SIZE)
        points = np.concatenate([joined[None, :, HALF_WIDTH:-HALF_WIDTH], _valid(between, joined)])
        # (channels, samples of the point before, of the next block, and all between)
        level = np.abs(points.transpose(1, 2, 0).reshape(joined.shape[0], -1))
        self._peak = max(self._peak, float(level.max()))
        middle = level[:, 1:-1]
        high = np.nonzero(middle >= REFINED_SHARE * self._peak)
        before, here, after = level[:, :-2][high], middle[high], level[:, 2:][high]
        top = (here >= before) & (here >= after) & (before + after < 2 * here)
        before, here, after = before[top], here[top], after[top]
        refined = here + (before - after) ** 2 / (8 * (2 * here - before - after))
        self._peak = max(self._peak, float(refined.max(initial=0.0)))


def true_peak(samples: Block) -> float:
    """Return the true peak of ``(channels, frames)`` samples, 1.0 being full scale."""
    meter = TruePeakMeter(samples.shape[0])
    meter.feed(samples)
    return meter.finish()


def true_peak_gain(peak: float, ceiling_db: float = MAX_TRUE_PEAK_DB) -> float:
    """Return the gain that brings a true peak down to ``ceiling_db`` dBTP; 1 if it is not over."""
    ceiling = 10.0 ** (ceiling_db / 20.0)
    return float(ceiling / peak) if peak > ceiling else 1.0


def _interpolators() -> NDArray[np.float32]:
    """Return the response of each phase between two samples, delayed by :data:`HALF_WIDTH`."""
    phases = np.arange(1, OVERSAMPLING)[:, None] / OVERSAMPLING
    time = np.arange(-HALF_WIDTH, HALF_WIDTH + 1) + phases
    inside = np.clip(1.0 - (time / (HALF_WIDTH + 1)) ** 2, 0.0, None)
    window = np.i0(KAISER_BETA * np.sqrt(inside)) / np.i0(KAISER_BETA)
    return (np.sinc(time) * window).astype(np.float32)


def _valid(between: NDArray[Any], joined: Block) -> NDArray[np.float32]:
    """Return the points that depend on no sample outside of ``joined``."""
    points: NDArray[np.float32] = between[:, :, 2 * HALF_WIDTH : joined.shape[1]].astype(
        np.float32, copy=False
    )
    return points

"""Correction of high notes that RMVPE reports an octave low.

The published weights take fundamentals above about 1040 Hz for their lower octave, and are sure of
it. Then the spectrum has nothing at the odd multiples of what they report; of a voice that really
is there, they hold the fundamental, or at least the third harmonic.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_rvc.networks.rmvpe_mel import HOP, RATE

LOWEST, HIGHEST = 500.0, 1050.0
"""F0 that is doubted, Hz: half of 1040 Hz, and half of the highest class, with some room."""
MAX_ODD_DB = -18.0
"""Level of the odd multiples against the even ones, below which a frame is an octave low.

Of synthetic singers it is -8 dB at least where f0 is right, and where it is an octave low -24 dB at
most, or -15 dB in 99 % of the frames with noise 10 dB below the voice.
"""
BAND = 0.15
"""Distance from a multiple, over f0, within which energy is counted as its own."""
SMOOTHED = 4
"""Frames to either side over which energy is added up."""
MAX_STEP_RATIO = 2 ** (3 / 12)
"""Ratio of f0 from frame to frame at most; beyond it is another note, which is not added."""
WINDOW, FFT = 512, 1024
ODD, EVEN = (1, 3, 5), (2, 4, 6)


def raise_octaves(samples: NDArray[np.float32], f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``f0`` with twice its value where the sound is an octave higher.

    Parameters
    ----------
    samples
        ``(n,)`` at 16 kHz.
    f0
        ``(frames,)`` in Hz, every 10 ms from the first sample on; 0 where unvoiced.
    """
    doubted = np.flatnonzero((f0 >= LOWEST) & (f0 <= HIGHEST))
    if not len(doubted):
        return f0
    odd, even = np.zeros(len(f0)), np.zeros(len(f0))
    odd[doubted], even[doubted] = _energies(samples, doubted, f0[doubted])
    low = _smoothed(odd, f0) < 10 ** (MAX_ODD_DB / 10) * _smoothed(even, f0)
    raised = f0.copy()
    raised[doubted] *= np.where(low[doubted], 2, 1)
    return raised


def _energies(
    samples: NDArray[np.float32], frames: NDArray[np.int64], f0: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the energy at odd and at even multiples of ``f0``, ``(frames,)`` each."""
    padded = np.pad(samples, (WINDOW // 2, WINDOW // 2 + HOP))
    cut = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[HOP * frames]
    power = np.abs(np.fft.rfft(cut * np.hanning(WINDOW), FFT)) ** 2
    below = np.pad(np.cumsum(power, axis=1), ((0, 0), (1, 0)))  # the energy below each bin
    row = np.arange(len(frames))

    def near(multiple: int) -> NDArray[np.float64]:
        ends = (np.array([multiple - BAND, multiple + BAND])[:, None] * f0 * FFT / RATE).round()
        first, last = np.minimum(ends.astype(np.int64), FFT // 2)
        energy: NDArray[np.float64] = below[row, last + 1] - below[row, first]
        return energy

    return sum(near(k) for k in ODD), sum(near(k) for k in EVEN)  # type: ignore[return-value]


def _smoothed(energy: NDArray[np.float64], f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sum of energy over the frames around each that are of the same note."""
    with np.errstate(divide="ignore", invalid="ignore"):
        step = np.abs(np.diff(np.log(f0), prepend=np.log(f0[0])))
    note = np.cumsum(~(step <= np.log(MAX_STEP_RATIO)))
    total = energy.copy()
    for away in range(1, min(SMOOTHED, len(f0) - 1) + 1):
        same = note[away:] == note[:-away]
        total[away:] += same * energy[:-away]
        total[:-away] += same * energy[away:]
    return total

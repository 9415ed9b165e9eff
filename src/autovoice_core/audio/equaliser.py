"""Octave bands: the power of a sound in each, and an equaliser of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.windows import iter_windows

OCTAVE_CENTRES_HZ = (63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16000.0)
"""Centres of the octave bands (IEC 61260-1) that are measured and equalised."""

_SPECTRUM_FRAMES = 1 << 13
_SPECTRA_PER_BLOCK = 2
_BLOCK_FRAMES = 1 << 16
_HALF_TAPS = 1 << 12

Octaves = NDArray[np.float64]
"""``(9,)``, a value for each of the octave bands."""


def octave_powers(source: Source) -> Octaves:
    """Return the mean power of ``source`` in each octave band, summed over its channels.

    Sampled: a quarter of the sound is looked at, evenly spread.
    """
    window = np.hanning(_SPECTRUM_FRAMES).astype(np.float32)
    edges = np.array(OCTAVE_CENTRES_HZ)[:, None] * 2.0 ** np.array([-0.5, 0.5])
    first, last = np.rint(edges * _SPECTRUM_FRAMES / source.sample_rate).astype(int).T
    power, count = np.zeros(_SPECTRUM_FRAMES // 2 + 1), 0
    for block in source.blocks(_BLOCK_FRAMES):
        for start in range(0, block.shape[1], _BLOCK_FRAMES // _SPECTRA_PER_BLOCK):
            frame = block[:, start : start + _SPECTRUM_FRAMES]
            frame = np.pad(frame, ((0, 0), (0, _SPECTRUM_FRAMES - frame.shape[1])))
            power += (np.abs(np.fft.rfft(frame * window, axis=1)) ** 2).sum(axis=0)
            count += 1
    sums = np.concatenate([[0.0], np.cumsum(power)])
    ends = np.minimum(np.stack([first, last]), len(power))
    octaves: Octaves = (sums[ends[1]] - sums[ends[0]]) / max(count, 1)
    return octaves


def equalised(source: Source, gains_db: Octaves) -> Iterator[Block]:
    """Yield consecutive blocks of ``source`` with a gain for each octave band.

    Between the centres of two bands the gain in dB is interpolated over the logarithm of the
    frequency. The filter has linear phase, so nothing is delayed.
    """
    response = _impulse_response(gains_db, source.sample_rate)
    for window in iter_windows(source, core=_BLOCK_FRAMES, context=_HALF_TAPS):
        before = _HALF_TAPS - window.keep.start  # silence, where the source begins or ends
        after = _HALF_TAPS - (window.samples.shape[1] - window.keep.stop)
        padded = np.pad(window.samples, ((0, 0), (before, after)))
        size = padded.shape[1]
        spectrum = np.fft.rfft(padded, axis=1) * np.fft.rfft(response, size)
        yield np.fft.irfft(spectrum, size, axis=1)[:, 2 * _HALF_TAPS :].astype(np.float32)


def _impulse_response(gains_db: Octaves, sample_rate: int) -> NDArray[np.float64]:
    """Return the filter's response, ``(2 * half + 1,)``, its middle at no delay."""
    size = 4 * _HALF_TAPS
    frequencies = np.maximum(np.fft.rfftfreq(size, 1 / sample_rate), 1.0)
    gains = np.interp(np.log2(frequencies), np.log2(OCTAVE_CENTRES_HZ), gains_db)
    response = np.fft.fftshift(np.fft.irfft(10 ** (gains / 20), size))
    middle = response[size // 2 - _HALF_TAPS : size // 2 + _HALF_TAPS + 1]
    taps: NDArray[np.float64] = middle * np.hanning(len(middle) + 2)[1:-1]
    return taps

"""Vocals with the marks of a separator: holes where the band was louder, and what is left of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.synthetic.truth import Song

SIZE, HOP = 1024, 256
RESIDUE_DB = -12.0
"""Gain of the bins in which the band is louder than the voice."""


def separated_vocals(song: Song) -> Audio:
    """Return the mixture of a song under a binary mask, one channel.

    The mask is ideal, as it is made of the true stems; what it gets wrong are the bins in which
    both sound, as every mask does.
    """
    vocals, accompaniment, mixture = (
        _spectra(audio.mono().numpy()[0])
        for audio in (song.stems.vocals, song.stems.accompaniment, song.mixture)
    )
    quieter = np.abs(vocals) < np.abs(accompaniment)
    mask = np.where(quieter, 10 ** (RESIDUE_DB / 20), 1.0)
    return Audio(_overlap_add(mask * mixture, song.mixture.frames), song.mixture.sample_rate)


def _window() -> NDArray[np.float64]:
    return np.sin(np.pi * (np.arange(SIZE) + 0.5) / SIZE)


def _spectra(samples: NDArray[np.float32]) -> NDArray[np.complex128]:
    """Return the spectra of frames of ``SIZE`` samples: ``(frames, SIZE / 2 + 1)``."""
    padded = np.pad(samples.astype(np.float64), (SIZE, SIZE + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, SIZE)[::HOP]
    spectra: NDArray[np.complex128] = np.fft.rfft(_window() * frames)
    return spectra


def _overlap_add(spectra: NDArray[np.complex128], length: int) -> NDArray[np.float32]:
    """Return the ``(1, length)`` samples of spectra of overlapping frames."""
    whole = np.zeros(SIZE + HOP * len(spectra))
    for index, frame in enumerate(np.fft.irfft(spectra, SIZE)):
        whole[HOP * index : HOP * index + SIZE] += _window() * frame
    # The squares of the windows add up to this.
    return (whole[SIZE : SIZE + length] * (2 * HOP / SIZE)).astype(np.float32)[np.newaxis]

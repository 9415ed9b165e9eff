"""Spectrograms of a fixed number of columns and rows, for pictures of audio of any length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.audio.mono import MonoMix
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import iter_windows

FRAME_SECONDS = 0.08
"""About how many seconds of sound a column shows."""
_WINDOW_SECONDS = 10.0


def spectrogram(
    source: Source, *, columns: int, rows: int, lowest: float, highest: float
) -> NDArray[np.float32]:
    """Return magnitudes at times spread over ``source``, ``(rows, columns)``, lowest row first.

    The frequencies, Hz, are spaced logarithmically. Each column is one frame around its time, so
    a short sound in long audio may fall between two of them. Memory does not grow with the length.
    """
    rate = source.sample_rate
    size = 1 << round(np.log2(FRAME_SECONDS * rate))
    half = size // 2
    centres = np.linspace(0, source.frames - 1, columns).astype(np.int64)
    wanted = np.geomspace(lowest, min(highest, rate / 2), rows) * size / rate
    below = np.minimum(wanted.astype(int), half - 1)
    part = wanted - below
    picture = np.zeros((columns, rows), np.float32)
    for window in iter_windows(MonoMix(source), core=round(_WINDOW_SECONDS * rate), context=half):
        samples = as_numpy(window.samples)[0]
        inside = slice(*np.searchsorted(centres, [window.core.start, window.core.stop]))
        starts = centres[inside] - window.start
        frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, half), size)[starts]
        spectra = np.abs(np.fft.rfft(frames * np.hanning(size)))
        picture[inside] = (1 - part) * spectra[:, below] + part * spectra[:, below + 1]
    return picture.T


def decibels(magnitudes: NDArray[np.float32], full: float, depth: float) -> NDArray[np.float32]:
    """Return ``magnitudes`` in dB relative to ``full``, clipped at ``-depth``."""
    floor = np.float32(10 ** (-depth / 20))
    return np.asarray(20 * np.log10(np.maximum(magnitudes / max(full, 1e-9), floor)), np.float32)

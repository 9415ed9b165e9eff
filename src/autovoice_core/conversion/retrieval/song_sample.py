"""The frames of a song that its singer is known by, kept while all of it is observed."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovoice_core._arrays import as_numpy
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.exemplars import LEVEL_POINTS
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, dilate, sample_positions
from autovoice_core.conversion.retrieval.gaussians import Gaussian
from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.offset import OFFSET_REACH_SECONDS
from autovoice_core.conversion.retrieval.thinning import ThinnedFrames
from autovoice_core.conversion.retrieval.unvoiced import (
    NEIGHBOURHOOD,
    far_from_voiced,
    loud_enough,
    peak,
)

MAX_VOICED_FRAMES, VOICED_SPACING = 4096, 2
"""Voiced frames that are kept, and their spacing."""

MAX_UNVOICED_FRAMES = 1024
"""Unvoiced frames that are kept, of all that are near a voiced one."""

STRETCH = 128
"""Frames of the stretches in which they are taken from a long song."""

ANALYSIS_SECONDS = 0.03 + OFFSET_REACH_SECONDS
"""Seconds on either side of a frame that are read."""


class SongSample:
    """Envelopes of a singer, voiced and unvoiced; the same whatever the windows of the song.

    Attributes
    ----------
    voiced
        Every other voiced frame, or of a long song stretches of them.
    """

    def __init__(self, source: F0Contour, sample_rate: int) -> None:
        self._source, self._rate = source, sample_rate
        self.voiced = ThinnedFrames(MAX_VOICED_FRAMES, VOICED_SPACING, STRETCH)
        self._unvoiced = ThinnedFrames(MAX_UNVOICED_FRAMES, 1, STRETCH)
        self._next = 0

    def add(self, samples: Any, start: int) -> None:
        """Add what is wanted of the window ``(channels, n)`` that begins at sample ``start``."""
        first = max(start * FRAME_RATE // self._rate, self._next)
        end = start + samples.shape[1] - int(ANALYSIS_SECONDS * self._rate)
        last = end * FRAME_RATE // self._rate
        around = np.arange(first - NEIGHBOURHOOD, last + NEIGHBOURHOOD)
        voiced = self._source.at(around / FRAME_RATE)[1]
        hiss = far_from_voiced(voiced) & dilate(voiced, NEIGHBOURHOOD)
        for sample, wanted in ((self.voiced, voiced), (self._unvoiced, hiss)):
            numbers = sample.wanted(first, last)
            numbers = numbers[wanted[numbers - around[0]]] if numbers.size else numbers
            if numbers.size:
                f0, followed = self._source.at(numbers / FRAME_RATE)
                centres = sample_positions(numbers, self._rate) - start
                frames = analyse(samples, centres, f0, followed, self._rate)
                sample.add(numbers, as_numpy(frames.envelope))
        # Last, so that a window may come again that there was no memory for.
        self._next = max(self._next, last)

    def unvoiced(self) -> Gaussian | None:
        """Return the statistics of the unvoiced envelopes that are not too quiet, if any."""
        rows, voiced = self._unvoiced.rows, self.voiced.rows
        if rows is None or voiced is None:
            return None
        rows = rows[loud_enough(rows, float(peak(voiced, LEVEL_POINTS).max()), POINTS)]
        return Gaussian.of(rows) if len(rows) else None

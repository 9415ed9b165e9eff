"""Analysis of a voice that comes block by block, a few frames at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from array_api_compat import array_namespace
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchFrames
from autovoice_core.conversion.retrieval.analysis import VOICED_MARGIN, VoiceFrames, analyse
from autovoice_core.conversion.retrieval.envelope import envelope_fft_size
from autovoice_core.conversion.retrieval.f0 import FALLBACK_F0
from autovoice_core.conversion.retrieval.filtering import HALF_FRAME_SECONDS, FrameGrid
from autovoice_core.conversion.retrieval.frames import FRAME_RATE, Track, sample_positions
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.offset import OFFSET_REACH_SECONDS, without_offset
from autovoice_core.conversion.retrieval.unvoiced import NEIGHBOURHOOD
from autovoice_core.protocols import Stream

BATCH_FRAMES = 2
"""Frames that are processed at a time: more would take less work, and longer."""


@frozen(eq=False)
class AnalysedBatch:
    """:data:`BATCH_FRAMES` frames of the source.

    Attributes
    ----------
    frames
        Envelope and aperiodicity, the latter not yet averaged over time.
    spectra
        ``(frames, channels, bins)``, those of a :class:`FrameGrid`.
    f0, voiced, unvoiced
        ``(frames,)`` on the host: Hz, 0 far from what is voiced; which frames are, and which come
        soon after such, but not right after it.
    """

    frames: VoiceFrames
    spectra: Any
    f0: Track
    voiced: NDArray[np.bool_]
    unvoiced: NDArray[np.bool_]


class StreamAnalyser:
    """Takes in samples and yields frames in batches, from frame 0 on.

    Parameters
    ----------
    pitch
        A new stream of pitch, with ``FRAME_RATE`` frames per second.

    Attributes
    ----------
    latency
        Seconds after which a frame is analysed.
    peak
        The largest magnitude of all samples that were read for the batches until now.
    """

    def __init__(
        self, pitch: Stream[PitchFrames], sample_rate: int, kernels: ConversionKernels
    ) -> None:
        self._pitch, self._rate, self._kernels = pitch, sample_rate, kernels
        # Samples after a frame by which its pitch is known, and all else before that.
        self._wait = math.ceil(pitch.latency * sample_rate) + 1
        self.latency = (self._wait + 1) / sample_rate + (BATCH_FRAMES - 1) / FRAME_RATE
        half_frame = round(HALF_FRAME_SECONDS * sample_rate)
        self._margin = max(envelope_fft_size(sample_rate) // 2, half_frame)
        self._offset_reach = math.ceil(OFFSET_REACH_SECONDS * sample_rate)
        self._samples: Any = None
        self._begin, self._tracked, self._next = 0, 0, 0
        self._track: list[tuple[float, bool]] = []
        self._f0, self._since_voiced, self.peak = FALLBACK_F0, NEIGHBOURHOOD, 0.0

    def feed(self, samples: Any) -> None:
        """Take in ``(channels, n)``.

        Raises
        ------
        InputError
            There are more or fewer channels than before.
        """
        xp = array_namespace(samples)
        if self._samples is None:
            self._samples = samples[:, :0]
        if samples.shape[0] != self._samples.shape[0]:
            raise InputError(
                f"block: it has {samples.shape[0]} channels, but the stream began with "
                f"{self._samples.shape[0]}; open another stream for it"
            )
        self._samples = xp.concat([self._samples, samples], axis=1)

    def batches(self) -> Iterator[AnalysedBatch]:
        """Yield all batches that can be analysed by now, and drop the samples before them."""
        end = self._begin + self._samples.shape[1]
        while True:
            numbers = np.arange(self._next, self._next + BATCH_FRAMES)
            centres = sample_positions(numbers, self._rate)
            if centres[-1] + self._wait > end:
                break
            yield self._analysed(centres)
            self._next += BATCH_FRAMES
        begin = min(int(centres[0]) - self._margin - self._offset_reach, self._tracked)
        begin = max(begin, 0)
        self._samples, self._begin = self._samples[:, begin - self._begin :], begin

    def _analysed(self, centres: NDArray[np.int64]) -> AnalysedBatch:
        f0, voiced, unvoiced = self._next_pitch(int(centres[-1]) + self._wait)
        # As much around the frames as is known whatever the blocks, to find the offset in.
        begin = max(0, int(centres[0]) - self._margin - self._offset_reach)
        sound = self._between(begin, int(centres[-1]) + self._wait)
        self.peak = max(self.peak, float(array_namespace(sound).max(abs(sound))))
        samples = without_offset(sound, begin, self._rate)
        length = samples.shape[1]
        grid = FrameGrid(centres - begin, length, self._rate, self._kernels, samples)
        spectra = array_namespace(samples).permute_dims(grid.spectra(samples), (1, 0, 2))
        frames = analyse(samples, centres - begin, f0, f0 > 0, self._rate)
        return AnalysedBatch(frames, spectra, f0, voiced, unvoiced)

    def _next_pitch(self, stop: int) -> tuple[Track, NDArray[np.bool_], NDArray[np.bool_]]:
        """Return those of :class:`AnalysedBatch` of the next frames, tracked up to ``stop``."""
        found = self._pitch.feed(Audio(self._between(self._tracked, stop), self._rate))
        self._tracked = stop
        columns = (as_numpy(each).tolist() for each in (found.f0, found.voiced))
        self._track += zip(*columns, strict=True)
        now, self._track = self._track[:BATCH_FRAMES], self._track[BATCH_FRAMES:]
        f0, unvoiced = np.zeros(BATCH_FRAMES), np.zeros(BATCH_FRAMES, bool)
        for i, (value, voiced) in enumerate(now):
            self._since_voiced = 0 if voiced else self._since_voiced + 1
            self._f0 = value if voiced else self._f0
            f0[i] = self._f0 if self._since_voiced <= VOICED_MARGIN else 0.0
            unvoiced[i] = VOICED_MARGIN < self._since_voiced <= NEIGHBOURHOOD
        return f0, np.asarray([voiced for _, voiced in now]), unvoiced

    def _between(self, begin: int, end: int) -> Any:
        return self._samples[:, begin - self._begin : end - self._begin]

"""Separation by a network that takes stereo segments of one length, at one sample rate."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice
from threading import Lock

import numpy as np

from autovoice_core._types import Audio, Stems
from autovoice_core.separation.segments import (
    Samples,
    channel_pairs,
    overlap_add,
    segment_starts,
    segments,
)

CACHED_SEGMENTS = 8
"""Segments whose result is kept, as windows of a long file overlap."""


class SegmentedSeparator(ABC):
    """A :class:`~autovoice_core.protocols.Separator` of any rate and channels, by segments.

    The mixture is brought to the network's rate, cut into overlapping stereo segments at whole
    seconds, and their results are crossfaded and brought back. Channels go in pairs. Subclasses
    state the constants and say what becomes of segments.

    Attributes
    ----------
    network_rate
        Sample rate of the network, Hz.
    segment_frames
        Length of a segment, in samples at that rate.
    stride_seconds
        Whole seconds from one segment to the next.
    batch_segments
        Segments that are run at a time.
    independent_stems
        Whether both stems are estimated; if not, the accompaniment is the mixture minus the
        vocals.
    """

    network_rate: int
    segment_frames: int
    stride_seconds: int
    batch_segments: int = 1
    independent_stems: bool = False

    def __init__(self) -> None:
        self.context = self.segment_frames / self.network_rate
        self._cache: OrderedDict[bytes, Samples] = OrderedDict()
        self._lock = Lock()

    @abstractmethod
    def run(self, pieces: Samples) -> Samples:
        """Return the stems of segments, ``(segments, 2, frames)`` float32.

        Shape: ``(segments, stems, 2, frames)`` float32; the first stem is the vocals, the second,
        of independent stems alone, the accompaniment. Each depends on its own segment only.
        """

    def on_device(self, samples: Samples) -> object:
        """Return samples as an array of the device of the results."""
        return samples

    def grid(self, sample_rate: int) -> int:
        """Return the number of samples from one segment to the next."""
        return self.stride_seconds * sample_rate

    def separate(self, mixture: Audio) -> Stems:
        """Return estimates of the stems, of the mixture's shape and rate."""
        return self.separate_batch([mixture])[0]

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        """Return for each mixture what :meth:`separate` returns of it alone."""
        length, stride = self.segment_frames, self.stride_seconds * self.network_rate
        signals = [signal for mixture in mixtures for signal in self._stereo(mixture)]
        pieces = [piece for signal in signals for piece in segments(signal, length, stride)]
        estimates = iter(self._estimates(pieces))
        joined = (
            overlap_add(
                islice(estimates, len(segment_starts(signal.shape[1], length, stride))),
                signal.shape[1],
                length,
                stride,
            )
            for signal in signals
        )
        return [self._stems(mixture, joined) for mixture in mixtures]

    def _estimates(self, pieces: list[Samples]) -> list[Samples]:
        """Return ``(stems, 2, length)`` for each piece."""
        keys = [hashlib.sha256(piece.tobytes()).digest() for piece in pieces]
        with self._lock:
            known = {key: self._cache[key] for key in keys if key in self._cache}
        missing = {key: piece for key, piece in zip(keys, pieces, strict=True) if key not in known}
        queue = list(missing.items())
        for i in range(0, len(queue), self.batch_segments):
            batch = queue[i : i + self.batch_segments]
            found = self.run(np.stack([piece for _, piece in batch]))
            known |= {key: estimate for (key, _), estimate in zip(batch, found, strict=True)}
        with self._lock:
            self._cache.update((key, known[key]) for key in keys)
            while len(self._cache) > CACHED_SEGMENTS:
                self._cache.popitem(last=False)
        return [known[key] for key in keys]

    def _stereo(self, mixture: Audio) -> Iterator[Samples]:
        """Yield ``(2, frames)`` at the network's rate for each pair of channels."""
        samples = mixture.resample(self.network_rate).numpy()
        for pair in channel_pairs(mixture.channels):
            yield samples[list(pair)]

    def _stems(self, mixture: Audio, joined: Iterator[Samples]) -> Stems:
        whole = mixture.numpy()
        both = np.zeros((2, *whole.shape), np.float32)
        for first, second in channel_pairs(mixture.channels):
            for stem, samples in zip(both, self._at_rate(next(joined), mixture), strict=False):
                stem[first], stem[second] = samples
        vocals, rest = both
        if not self.independent_stems:
            rest = whole - vocals
        rate = mixture.sample_rate
        return Stems(Audio(self.on_device(vocals), rate), Audio(self.on_device(rest), rate))

    def _at_rate(self, stems: Samples, mixture: Audio) -> Samples:
        """Return ``(stems, 2, frames)`` at the rate and length of the mixture."""
        flat = stems.reshape(2 * len(stems), -1)
        back = Audio(flat, self.network_rate).resample(mixture.sample_rate).numpy()
        back = back[:, : mixture.frames]
        missing = mixture.frames - back.shape[1]
        return np.pad(back, ((0, 0), (0, missing))).reshape(len(stems), 2, -1)

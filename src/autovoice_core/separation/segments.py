"""Overlapping segments of a long signal, of the length a network was trained on, and their joining.

Segments start at fixed positions of the file, so that windows give the same result as the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


def segment_starts(frames: int, length: int, stride: int) -> range:
    """Return the starts of segments that cover ``frames``.

    A last segment that would lie within the one before is omitted.
    """
    return range(0, max(1, frames - (length - stride)), stride)


def segments(samples: Samples, length: int, stride: int) -> Iterator[Samples]:
    """Yield the segments of ``(channels, frames)``, the last one padded with zeros."""
    for start in segment_starts(samples.shape[1], length, stride):
        piece = samples[:, start : start + length]
        yield np.pad(piece, ((0, 0), (0, length - piece.shape[1])))


def overlap_add(parts: Iterable[Samples], frames: int, length: int, stride: int) -> Samples:
    """Return the weighted mean of overlapping segments ``(..., length)`` as ``(..., frames)``.

    The weights rise to the middle of a segment, where the network has seen as much of what comes
    before as of what comes after.
    """
    half = np.arange(1, length - length // 2 + 1, dtype=np.float32)
    weight = np.concatenate([half[: length // 2], half[::-1]])
    total = np.zeros(frames, np.float32)
    joined: Samples | None = None
    for start, segment in zip(segment_starts(frames, length, stride), parts, strict=True):
        if joined is None:
            joined = np.zeros((*segment.shape[:-1], frames), np.float32)
        stop = min(start + length, frames)
        joined[..., start:stop] += (weight * segment)[..., : stop - start]
        total[start:stop] += weight[: stop - start]
    assert joined is not None  # noqa: S101  # there is a segment even of no frames
    return np.divide(joined, total, out=joined)


def channel_pairs(channels: int) -> Sequence[tuple[int, int]]:
    """Return channels in pairs, as a stereo network takes them; a single one is both."""
    return [(first, min(first + 1, channels - 1)) for first in range(0, channels, 2)]

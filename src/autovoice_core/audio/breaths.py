"""A singer's breaths: found between the phrases, and made softer.

After D. Ruinskiy and Y. Lavner, "An effective algorithm for automatic detection and exact
demarcation of breath sounds in speech and song signals", IEEE TASLP 15 (2007): a breath is a
noise of some length, far below the voice, whose spectrum is neither that of a vowel dying away
nor that of a sibilant.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy, beside
from autovoice_core._types import PitchTrack
from autovoice_core.audio.source import Block, Source

FRAME_RATE = 100
"""Frames a second in which breaths are looked for."""

BANDS = ((150.0, 1000.0), (1000.0, 4000.0), (4000.0, 8000.0))
"""Hz; a vowel's end is strongest in the first, a breath in the second, a sibilant in the third."""

_LOUDEST, _SOFTEST = -17.0, -42.0  # dB about the voice
_OVER_FLOOR = 7.0  # dB
_LOW = 3.0  # dB that the lowest band may be over the middle one
_SMOOTH = 2  # frames on either side
_SHORTEST = 12  # frames
_TAIL = 12  # frames into which a breath may grow and fade
_FADE = 3
_AT_ONCE = 512

Track = NDArray[np.float64]


class Eased:
    """A source whose breaths are softer, as a :class:`~autovoice_core.audio.source.Source`.

    Parameters
    ----------
    source
        A voice alone; gone through once to find the breaths.
    pitch
        Its pitch.
    gain
        What breaths are multiplied by.
    """

    def __init__(self, source: Source, pitch: PitchTrack, gain: float) -> None:
        self._source = source
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames
        found = breaths(source, pitch)
        smooth = np.convolve(found, np.hanning(2 * _FADE + 3)[1:-1] / (_FADE + 1), "same")
        self._gains = 1.0 + (gain - 1.0) * smooth

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        done, places = 0, np.arange(len(self._gains))
        for block in self._source.blocks(size):
            at = np.arange(done, done + block.shape[1]) * (FRAME_RATE / self.sample_rate)
            done += block.shape[1]
            gains = np.interp(at, places, self._gains).astype(np.float32)
            yield block * beside(block, gains)


def breaths(source: Source, pitch: PitchTrack) -> NDArray[np.bool_]:
    """Return where the singer breathes: ``(frames,)``, 100 a second, the first at 0 s."""
    levels = _levels(source)
    voiced = _voiced(pitch, len(levels))
    found = np.zeros(len(levels), bool)
    if not voiced.any():
        return found
    loudness = 10.0 * np.log10(np.sum(10.0 ** (levels / 10.0), axis=1))
    low, middle, high = levels.T
    voice, floor = np.median(loudness[voiced]), np.percentile(loudness, 2)
    bright = high > middle
    sighing = ~voiced & ~bright & (low < middle + _LOW)
    sighing &= loudness > max(floor + _OVER_FLOOR, voice + _SOFTEST)
    sighing &= loudness < voice + _LOUDEST
    edges = np.flatnonzero(np.diff(sighing.astype(np.int8), prepend=0, append=0))
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - begin >= _SHORTEST:
            before = _fading(loudness, voiced | bright, range(begin - 1, begin - 1 - _TAIL, -1))
            after = _fading(loudness, voiced | bright, range(end, end + _TAIL))
            found[begin - before : end + after] = True
    return found


def _fading(loudness: Track, other: NDArray[np.bool_], frames: range) -> int:
    """Return through how many of ``frames`` a sound fades, until there is another."""
    for count, frame in enumerate(frames):
        if not 0 <= frame < len(loudness) or other[frame]:
            return count
        if loudness[frame] > loudness[frame - frames.step] + 1.0:
            return count
    return len(frames)


def _levels(source: Source) -> Track:
    """Return the power of each of :data:`BANDS` around each frame, dB: ``(frames, 3)``."""
    rate = source.sample_rate
    centres = np.arange(source.frames * FRAME_RATE // rate + 1) * rate // FRAME_RATE
    half = rate // FRAME_RATE
    frequencies = np.fft.rfftfreq(2 * half, 1.0 / rate)
    bands = np.stack([(frequencies >= low) & (frequencies < high) for low, high in BANDS], axis=1)
    window = np.hanning(2 * half)
    powers = []
    held, begin = np.zeros(half), -half
    at = 0
    blocks = source.blocks(_AT_ONCE * half)
    for block in chain(blocks, [np.zeros((1, 2 * half), np.float32)]):
        held = np.concatenate([held, as_numpy(block).mean(axis=0, dtype=np.float64)])
        last = np.searchsorted(centres, begin + len(held) - half, side="right")
        starts = centres[at:last] - half - begin
        if len(starts):
            frames = held[starts[:, None] + np.arange(2 * half)] * window
            powers.append((np.abs(np.fft.rfft(frames, axis=1)) ** 2) @ bands)
            at = int(last)
            held, begin = held[starts[-1] :], begin + int(starts[-1])
    power = np.concatenate(powers) + 1e-12
    padded = np.pad(power, ((_SMOOTH, _SMOOTH), (0, 0)), mode="edge")
    summed = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTH + 1, axis=0)
    return np.asarray(10.0 * np.log10(summed.mean(axis=-1)))


def _voiced(pitch: PitchTrack, frames: int) -> NDArray[np.bool_]:
    """Return where ``pitch`` is voiced, or all but."""
    nearest = np.rint((np.arange(frames) / FRAME_RATE - pitch.start) / pitch.hop).astype(np.int64)
    inside = (nearest >= 0) & (nearest < len(pitch))
    voiced = inside & np.append(pitch.voiced, False)[np.clip(nearest, 0, len(pitch))]
    return np.convolve(voiced, np.ones(3), "same") > 0

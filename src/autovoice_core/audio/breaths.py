"""Breaths: their detection between the phrases, and a source in which they are softer.

After D. Ruinskiy and Y. Lavner, "An effective algorithm for automatic detection and exact
demarcation of breath sounds in speech and song signals", IEEE TASLP 15 (2007): a breath is a
noise of some length, far below the voice, whose spectrum is neither that of a vowel dying away
nor that of a sibilant.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy, to_device_of
from autovoice_core._types import PitchTrack
from autovoice_core.audio.mono import MonoMix
from autovoice_core.audio.source import Block, Source

FRAME_RATE = 100
"""Frames a second at which breaths are detected."""

BANDS = ((150.0, 1000.0), (1000.0, 4000.0), (4000.0, 8000.0))
"""Hz; a vowel's end is strongest in the first, a breath in the second, a sibilant in the third."""

_MAX_DB, _MIN_DB = -17.0, -42.0  # relative to the voice
_MIN_DB_OVER_FLOOR = 7.0
_MAX_LOW_BAND_DB = 3.0  # over the middle band
_SMOOTHING_FRAMES = 2  # on each side
_MIN_FRAMES = 12
_MAX_TAIL_FRAMES = 12  # in which a breath rises or decays
_FADE_FRAMES = 3
_FRAMES_PER_BLOCK = 512

Track = NDArray[np.float64]


class SoftenedBreaths:
    """A source with its breaths softened, as a :class:`~autovoice_core.audio.source.Source`.

    Parameters
    ----------
    source
        A voice alone; read once to find the breaths.
    pitch
        Its pitch.
    gain
        Factor applied to the breaths.
    """

    def __init__(self, source: Source, pitch: PitchTrack, gain: float) -> None:
        self._source = source
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames
        found = find_breaths(source, pitch)
        fade = np.hanning(2 * _FADE_FRAMES + 3)[1:-1] / (_FADE_FRAMES + 1)
        smooth = np.convolve(found, fade, "same")
        self._gains = 1.0 + (gain - 1.0) * smooth

    def applied_to(self, source: Source) -> SoftenedBreaths:
        """Return another version of the same voice with the same breaths softened."""
        other = copy(self)
        other._source = source
        return other

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        done, places = 0, np.arange(len(self._gains))
        for block in self._source.blocks(size):
            at = np.arange(done, done + block.shape[1]) * (FRAME_RATE / self.sample_rate)
            done += block.shape[1]
            gains = np.interp(at, places, self._gains).astype(np.float32)
            yield block * to_device_of(block, gains)


def find_breaths(source: Source, pitch: PitchTrack) -> NDArray[np.bool_]:
    """Return which frames are breaths: ``(frames,)``, 100 a second, the first at 0 s."""
    levels = _levels(source)
    voiced = _voiced(pitch, len(levels))
    found = np.zeros(len(levels), bool)
    if not voiced.any():
        return found
    loudness = 10.0 * np.log10(np.sum(10.0 ** (levels / 10.0), axis=1))
    low, middle, high = levels.T
    voice, floor = np.median(loudness[voiced]), np.percentile(loudness, 2)
    bright = high > middle
    candidate = ~voiced & ~bright & (low < middle + _MAX_LOW_BAND_DB)
    candidate &= loudness > max(floor + _MIN_DB_OVER_FLOOR, voice + _MIN_DB)
    candidate &= loudness < voice + _MAX_DB
    edges = np.flatnonzero(np.diff(candidate.astype(np.int8), prepend=0, append=0))
    for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - begin >= _MIN_FRAMES:
            backwards = range(begin - 1, begin - 1 - _MAX_TAIL_FRAMES, -1)
            forwards = range(end, end + _MAX_TAIL_FRAMES)
            before = _decay_length(loudness, voiced | bright, backwards)
            after = _decay_length(loudness, voiced | bright, forwards)
            found[begin - before : end + after] = True
    return found


def _decay_length(loudness: Track, excluded: NDArray[np.bool_], frames: range) -> int:
    """Return over how many of ``frames`` the level falls, up to the first excluded one."""
    for count, frame in enumerate(frames):
        if not 0 <= frame < len(loudness) or excluded[frame]:
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
    blocks = MonoMix(source).blocks(_FRAMES_PER_BLOCK * half)
    for block in chain(blocks, [np.zeros((1, 2 * half), np.float32)]):
        held = np.concatenate([held, as_numpy(block)[0].astype(np.float64)])
        last = np.searchsorted(centres, begin + len(held) - half, side="right")
        starts = centres[at:last] - half - begin
        if len(starts):
            frames = held[starts[:, None] + np.arange(2 * half)] * window
            powers.append((np.abs(np.fft.rfft(frames, axis=1)) ** 2) @ bands)
            at = int(last)
            held, begin = held[starts[-1] :], begin + int(starts[-1])
    power = np.concatenate(powers) + 1e-12
    padded = np.pad(power, ((_SMOOTHING_FRAMES, _SMOOTHING_FRAMES), (0, 0)), mode="edge")
    summed = np.lib.stride_tricks.sliding_window_view(padded, 2 * _SMOOTHING_FRAMES + 1, axis=0)
    return np.asarray(10.0 * np.log10(summed.mean(axis=-1)))


def _voiced(pitch: PitchTrack, frames: int) -> NDArray[np.bool_]:
    """Return which frames are voiced in ``pitch``, or next to a voiced one."""
    nearest = np.rint((np.arange(frames) / FRAME_RATE - pitch.start) / pitch.hop).astype(np.int64)
    inside = (nearest >= 0) & (nearest < len(pitch))
    voiced = inside & np.append(pitch.voiced, False)[np.clip(nearest, 0, len(pitch))]
    return np.convolve(voiced, np.ones(3), "same") > 0

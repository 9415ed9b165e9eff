"""Shift of tonal sound in which no pitch was found, so that it follows a change of key.

What a pitch tracker leaves unvoiced passes through a conversion, in the key of the song. Where it
is tonal all the same (several voices at once, growls, reverberation), it is shifted as any sound
can be, and brought back to its own spectral envelope from moment to moment, so that formants,
band and onsets stay. Consonants and breaths are noise, and stay as they are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy, to_device_of
from autovoice_core._downmix import mono
from autovoice_core._frames import frame_positions
from autovoice_core._threads import map_in_order
from autovoice_core._types import PitchTrack
from autovoice_core.audio.pitch_shift import pitch_shift
from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.windows import Window, iter_windows

FRAME_RATE = 100
"""Frames a second on which sound is judged and exchanged."""
TONAL_FLATNESS, NOISE_FLATNESS = 0.40, 0.50
"""Spectral flatness up to which sound is all tonal, and from which it is none; that of white noise
is 0.56, and in one frame of a hundred of pink noise below 0.45."""

_FLATNESS_SECONDS = 0.08  # under a window, at least
_FLATNESS_BAND = 400.0  # Hz
_FLATNESS_RANGE = (80.0, 10_000.0)  # Hz
_FRAME_SECONDS = 0.04  # that are exchanged at a time
_ENVELOPE_SPACING = 500.0  # Hz between the bands whose power is kept
_MAX_GAIN = 2.0  # that brings shifted sound to the envelope of its source
_WINDOW_SECONDS, _CONTEXT_SECONDS = 5, 0.2
_SMOOTHING = np.array([1.0, 2.0, 1.0]) / 4.0  # frames
_SMALL = 1e-12
_MIN_WINDOW_SUM = 1e-3
_SHIFTED_SECONDS = 10  # at a time
_FRAMES_AT_ONCE = 64  # whose spectra a cache holds

Track = NDArray[np.float64]


class ShiftedTonalResidue:
    """A source with its tonal residue shifted, as a :class:`~autovoice_core.audio.source.Source`.

    Parameters
    ----------
    source
        A voice alone.
    pitch
        Its pitch; where that is voiced, the source stays as it is.
    semitones
        How far tonal sound is shifted where it is not.
    threads
        Threads that share the work.
    """

    def __init__(
        self, source: Source, pitch: PitchTrack, semitones: float, threads: int = 1
    ) -> None:
        self._source, self._pitch, self._semitones = source, pitch, semitones
        self._threads = threads
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        for like, shifted in _in_step(self._source.blocks(size), self._pieces()):
            yield to_device_of(like, shifted)

    def _pieces(self) -> Iterator[Block]:
        """Yield consecutive blocks on the host, whose sizes don't depend on who reads them."""
        rate = self.sample_rate
        core, context = _WINDOW_SECONDS * rate, round(_CONTEXT_SECONDS * rate)
        shifted = _Shifted(self._source, self._semitones, self._threads)
        versions = (_OnHost(self._source), shifted)
        windows = (iter_windows(version, core=core, context=context) for version in versions)
        yield from map_in_order(self._exchanged, zip(*windows, strict=True), self._threads)

    def _exchanged(self, windows: tuple[Window, Window]) -> Block:
        """Return the core of a window of the source, given its shifted version too."""
        (window, shifted), rate = windows, self.sample_rate
        own, start = window.samples, window.start
        first = -(-start * FRAME_RATE // rate)
        last = (start + own.shape[1]) * FRAME_RATE // rate
        numbers = np.arange(first, last + 1)
        centres = frame_positions(numbers, Fraction(rate, FRAME_RATE)) - start
        share = unvoiced_share(self._pitch, numbers)
        if share.any():
            share = share * tonality(mono(own, rate)[0], centres, rate)
        if share.any():
            own = own + _exchange(own, shifted.samples, share, centres, rate)
        core: Block = own[:, window.keep]
        return core


def shift_bytes(source: Source) -> float:
    """Return the bytes that reading a shifted source takes, whatever its length."""
    seconds = 5 * (_SHIFTED_SECONDS + 2) + 6 * (_WINDOW_SECONDS + 2 * _CONTEXT_SECONDS)
    return 4.0 * source.channels * min(source.frames * 11.0, seconds * source.sample_rate)


class _OnHost:
    """A source whose blocks are NumPy arrays."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.name, self.sample_rate = source.name, source.sample_rate
        self.channels, self.frames = source.channels, source.frames

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks of ``size`` frames, the last one shorter."""
        for block in self._source.blocks(size):
            yield as_numpy(block)


class _Shifted(_OnHost):
    """A shifted version of a source, on the host, in blocks of any size."""

    def __init__(self, source: Source, semitones: float, threads: int) -> None:
        super().__init__(source)
        self._semitones, self._threads = semitones, threads

    def blocks(self, size: int) -> Iterator[Block]:
        """Yield consecutive blocks."""
        yield from pitch_shift(
            _OnHost(self._source),
            self._semitones,
            core_seconds=_SHIFTED_SECONDS,
            threads=self._threads,
        )


def _in_step(blocks: Iterator[Block], pieces: Iterator[Block]) -> Iterator[tuple[Block, Block]]:
    """Yield each of ``blocks`` with as many frames of ``pieces``, which lie on the host."""
    held: Block | None = None
    for block in blocks:
        if held is None:
            held = np.zeros((block.shape[0], 0), np.float32)
        while held.shape[1] < block.shape[1]:
            held = np.concatenate([held, next(pieces)], axis=1)
        yield block, held[:, : block.shape[1]]
        held = held[:, block.shape[1] :]


def unvoiced_share(pitch: PitchTrack, numbers: NDArray[np.int64]) -> Track:
    """Return how much of each frame is unvoiced, ``(frames,)``, faded where voicing changes."""
    wide = np.maximum(np.arange(numbers[0] - 1, numbers[-1] + 2), 0)
    nearest = np.rint((wide / FRAME_RATE - pitch.start) / pitch.hop).astype(np.int64)
    inside = (nearest >= 0) & (nearest < len(pitch))
    voiced = inside & np.append(pitch.voiced, False)[np.clip(nearest, 0, len(pitch))]
    share: Track = np.convolve(1.0 - voiced, _SMOOTHING, "valid")
    return share


def tonality(samples: NDArray[np.floating], centres: NDArray[np.int64], sample_rate: int) -> Track:
    """Return how tonal the sound around each frame is, ``(frames,)`` from 0 to 1.

    Judged by spectral flatness, the geometric over the arithmetic mean of power: in bands of
    400 Hz, as the spectrum's tilt makes nothing tonal, each of which counts by its power.
    """
    size = 2 ** math.ceil(math.log2(_FLATNESS_SECONDS * sample_rate))
    low, high = _FLATNESS_RANGE[0], min(_FLATNESS_RANGE[1], 0.45 * sample_rate)
    first, width = round(low * size / sample_rate), round(_FLATNESS_BAND * size / sample_rate)
    bands = int((high - low) // _FLATNESS_BAND)
    padded = np.pad(samples, size // 2 + 1)
    window = np.hanning(size).astype(np.float32)
    flatness = np.ones(len(centres))
    for begin in range(0, len(centres), _FRAMES_AT_ONCE):
        part = slice(begin, begin + _FRAMES_AT_ONCE)
        at = np.clip(centres[part], 0, len(samples))
        spectra = np.fft.rfft(padded[at[:, None] + np.arange(size)] * window, axis=1)
        power = np.abs(spectra[:, first : first + bands * width]) ** 2 + _SMALL
        power = power.reshape(len(at), bands, width)
        geometric = np.exp(np.log(power).mean(axis=2)).sum(axis=1)
        flatness[part] = geometric / power.mean(axis=2).sum(axis=1)
    smooth = np.convolve(np.pad(flatness, 1, mode="edge"), _SMOOTHING, "valid")
    tonal: Track = np.clip((NOISE_FLATNESS - smooth) / (NOISE_FLATNESS - TONAL_FLATNESS), 0.0, 1.0)
    return tonal


def _exchange(
    own: Block, shifted: Block, share: Track, centres: NDArray[np.int64], sample_rate: int
) -> Block:
    """Return what to add to ``own`` so that a share of its frames is ``shifted`` sound.

    That has the envelope of what it replaces, channel by channel.

    Shape: ``(channels, n)``, ``(channels, n)``, ``(frames,)``, ``(frames,)`` -> ``(channels, n)``.
    """
    half = round(0.5 * _FRAME_SECONDS * sample_rate)
    size, fft_size = 2 * half, 2 ** math.ceil(math.log2(2 * half))
    window = (0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(size) + 0.5) / size)).astype(np.float32)
    bands = _envelope_bands(fft_size, sample_rate)
    change = np.zeros((own.shape[0], own.shape[1] + size + 1), np.float32)
    weight = np.zeros(change.shape[1], np.float32)
    for centre in centres:
        weight[centre : centre + size] += window**2
    padded = [np.pad(part, ((0, 0), (half, half + 1))) for part in (own, shifted)]
    for frame in np.flatnonzero(share):
        place = slice(centres[frame], centres[frame] + size)
        before, after = (np.fft.rfft(part[:, place] * window, n=fft_size) for part in padded)
        old, new = (np.abs(part) ** 2 @ bands + _SMALL for part in (before, after))
        gain = np.minimum(np.sqrt(old / new), _MAX_GAIN) @ bands.T
        difference = np.fft.irfft(share[frame] * (gain * after - before), n=fft_size)
        change[:, place] += difference[:, :size] * window
    change /= np.maximum(weight, np.float32(_MIN_WINDOW_SUM))
    return change[:, half : half + own.shape[1]]


def _envelope_bands(fft_size: int, sample_rate: int) -> NDArray[np.float32]:
    """Return the weight of each bin in overlapping triangular bands, ``(bins, bands)``."""
    position = np.fft.rfftfreq(fft_size, 1.0 / sample_rate) / _ENVELOPE_SPACING
    count = math.ceil(position[-1]) + 1
    weights = np.maximum(0.0, 1.0 - np.abs(position[:, None] - np.arange(count)))
    bands: NDArray[np.float32] = weights.astype(np.float32)
    return bands

"""Judges of a converted song: where its sung frames went, and what was added above the song."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack, SingingPitchExtractor
from autovoice_core.audio.equaliser import octave_powers
from autovoice_core.audio.reading import as_source

NEAR_CENTS = 50.0
LOUD_DB = 30.0
"""Frames within this of the loudest (their 95th percentile) count."""
BLOCK_SECONDS = 0.1
OCTAVES = ((4_000.0, 8_000.0), (8_000.0, 16_000.0))
SILENT_DB = -70.0
"""Level of a band of the song, full scale at 0, below which it has nothing there."""


@frozen
class SungFrames:
    """Frames of the true vocals that are voiced and loud.

    Attributes
    ----------
    f0
        ``(frames,)`` Hz, of all frames.
    counted
        ``(frames,)`` bool: voiced and loud.
    """

    f0: NDArray[np.float64]
    counted: NDArray[np.bool_]

    @classmethod
    def of(cls, vocals: Audio) -> SungFrames:
        """Return the frames of true vocals, by FCPE."""
        pitch = judged_pitch(vocals)
        level = frame_level(vocals, len(pitch.f0), pitch.hop)
        loud = level > np.percentile(level, 95) - LOUD_DB
        return cls(pitch.f0, pitch.voiced & loud)

    def shares(self, pitch: PitchTrack, key: float) -> dict[str, float]:
        """Return the shares of the frames that ``pitch`` has shifted by ``key``, and elsewhere."""
        count = min(len(self.f0), len(pitch.f0))
        counted = self.counted[:count]
        reference, f0 = self.f0[:count][counted], pitch.f0[:count][counted]
        voiced = pitch.voiced[:count][counted]
        cents = 1200 * np.log2(np.where(voiced, f0, reference) / reference)
        moved = voiced & (np.abs(cents - 100 * key) < NEAR_CENTS)
        left = voiced & (np.abs(cents) < NEAR_CENTS) & ~moved
        return {
            "moved": float(moved.mean()),
            "left": float(left.mean()),
            "unvoiced": float(1 - voiced.mean()),
        }


def judged_pitch(audio: Audio) -> PitchTrack:
    """Return the pitch by FCPE, which no part of a conversion uses."""
    return SingingPitchExtractor(backend="cpu/fcpe").extract(audio)


def frame_level(audio: Audio, count: int, hop: float) -> NDArray[np.float64]:
    """Return the level, dB, of 40 ms around each of ``count`` frames."""
    samples = audio.mono().numpy()[0].astype(np.float64)
    half = round(0.02 * audio.sample_rate)
    energy = np.concatenate([[0.0], np.cumsum(samples**2)])
    centres = (np.arange(count) * hop * audio.sample_rate).astype(int)
    first, last = (np.clip(centres + d, 0, samples.size) for d in (-half, half))
    return 10 * np.log10((energy[last] - energy[first]) / (2 * half) + 1e-12)


def band_levels(audio: Audio, band: tuple[float, float]) -> NDArray[np.float64]:
    """Return the level, dB of full scale, of a band in each block of 100 ms.

    Channels count by their power: what cancels in their sum is there all the same.
    """
    samples = audio.numpy().astype(np.float64)
    size = round(BLOCK_SECONDS * audio.sample_rate)
    blocks = samples[:, : samples.shape[1] // size * size].reshape(len(samples), -1, size)
    power = (np.abs(np.fft.rfft(blocks * np.hanning(size), axis=2)) ** 2).mean(axis=0)
    frequencies = np.fft.rfftfreq(size, 1 / audio.sample_rate)
    inside = (frequencies >= band[0]) & (frequencies < band[1])
    return 10 * np.log10(power[:, inside].sum(axis=1) / (0.375 * size * size / 2) + 1e-20)


def excess(song: Audio, mix: Audio, band: tuple[float, float]) -> tuple[float, int]:
    """Return how much the mix has over the song where the song has nothing in ``band``.

    The largest excess in dB, 0 where the song has something everywhere, and how many blocks
    exceed 10 dB. A block of the song counts as its loudest neighbour within 100 ms, so that an
    onset may move by a block.
    """
    before, after = band_levels(song, band), band_levels(mix, band)
    count = min(before.size, after.size)
    padded = np.pad(before[:count], 1, mode="edge")
    before = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:])
    nothing = before < SILENT_DB
    over = after[:count] - np.maximum(before, SILENT_DB)
    if not nothing.any():
        return 0.0, 0
    return max(0.0, float(over[nothing].max())), int((over[nothing] > 10).sum())


def octave_excess(song: Audio, mix: Audio) -> float:
    """Return the most that the mix exceeds the song in an octave from 63 Hz to 16 kHz, dB."""
    before, after = (octave_powers(as_source(each)) + 1e-12 for each in (song, mix))
    return float(10 * np.log10(after / before).max())

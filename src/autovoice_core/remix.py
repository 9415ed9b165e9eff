"""The new vocals in the place of the old ones: at their loudness, in key, under full scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from autovoice_core._types import Progress
from autovoice_core.audio.files import AudioWriter, under_full_scale
from autovoice_core.audio.loudness import LoudnessMeter
from autovoice_core.audio.scratch import kept
from autovoice_core.audio.source import Block, Source
from autovoice_core.audio.transposing import transposed

_BLOCK = 1 << 16
_LOUDEST_GAIN_DB = 24.0


class Remix:
    """Vocals, accompaniment and new vocals of a song on their way to one mix.

    Attributes
    ----------
    vocals_gain
        Gain that gives the new vocals the loudness of the old ones (BS.1770).
    mix_gain
        Gain that keeps the mix under full scale; known once it is written.
    """

    def __init__(
        self,
        song: Source,
        vocals: Source,
        converted: Source,
        *,
        vocals_only: bool,
        semitones: float,
        folder: Path,
    ) -> None:
        self._vocals, self._converted = vocals, converted
        self._accompaniment = None if vocals_only else _Difference(song, vocals)
        self._moved: Source | None = self._accompaniment
        if self._accompaniment is not None and semitones % 12 != 0:
            moved = transposed(self._accompaniment, semitones)
            self._moved = kept(folder / "accompaniment", song, moved)
        self.vocals_gain = matching_gain(vocals, converted)
        self.mix_gain = 1.0

    def write(self, output: AudioWriter, stems: list[AudioWriter], told: Progress) -> None:
        """Write the mix, and as many of (vocals, accompaniment, new vocals) as there are writers.

        Without accompaniment the mix is the new vocals, and the stems are (vocals, new vocals).
        """
        peaks = [0.0] * (1 + len(stems))
        for blocks in self._blocks(len(stems)):
            peaks = [max(p, float(np.abs(b).max())) for p, b in zip(peaks, blocks, strict=True)]
        self.mix_gain = under_full_scale(peaks[0])
        # One gain for all stems, so that they still add up.
        stem_gain = under_full_scale(max(peaks[1:], default=0.0))
        gains = [self.mix_gain] + [stem_gain] * len(stems)
        done = 0
        for blocks in self._blocks(len(stems)):
            for writer, gain, block in zip((output, *stems), gains, blocks, strict=True):
                writer.write(block if gain == 1 else block * np.float32(gain))
            done += blocks[0].shape[1]
            told(done / self._vocals.frames)

    def _blocks(self, stems: int) -> Iterator[list[Block]]:
        """Yield blocks of the mix, and of the stems where they are wanted."""
        gain = np.float32(self.vocals_gain)
        if self._accompaniment is None or self._moved is None:
            for old, new in zip(
                self._vocals.blocks(_BLOCK), self._converted.blocks(_BLOCK), strict=True
            ):
                yield [gain * new, old, gain * new][: 1 + stems]
            return
        parts = (self._vocals, self._accompaniment, self._moved, self._converted)
        for old, rest, moved, new in zip(*(part.blocks(_BLOCK) for part in parts), strict=True):
            new = gain * new
            yield [moved + new, old, rest, new][: 1 + stems]


class _Difference:
    """The song without its vocals, as a source."""

    def __init__(self, song: Source, vocals: Source) -> None:
        self._song, self._vocals = song, vocals
        self.name, self.sample_rate = song.name, song.sample_rate
        self.channels, self.frames = song.channels, song.frames

    def blocks(self, size: int) -> Iterator[Block]:
        for whole, part in zip(self._song.blocks(size), self._vocals.blocks(size), strict=True):
            yield whole - part


def matching_gain(old: Source, new: Source) -> float:
    """Return the gain that gives ``new`` the loudness of ``old``; 1 where either is silent."""
    levels = []
    for source in (old, new):
        meter = LoudnessMeter(source.sample_rate, source.channels)
        for block in source.blocks(_BLOCK):
            meter.feed(block)
        levels.append(meter.integrated())
    if not all(math.isfinite(level) for level in levels):
        return 1.0
    return float(10 ** (min(levels[0] - levels[1], _LOUDEST_GAIN_DB) / 20))

"""The new vocals in the place of the old ones: at their loudness, in key, under full scale."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from autovoice_core._types import Progress
from autovoice_core.audio.pitch_shift import transposed
from autovoice_core.audio.scratch import kept
from autovoice_core.audio.source import Block, Difference, Source
from autovoice_core.audio.writing import AudioWriter, under_full_scale

_BLOCK = 1 << 16
_LOUDEST_GAIN_DB = 24.0


class Remix:
    """Vocals, accompaniment and new vocals of a song on their way to one mix.

    Attributes
    ----------
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
        vocals_gain: float,
        semitones: float,
        folder: Path,
    ) -> None:
        self._vocals, self._converted, self._gain = vocals, converted, np.float32(vocals_gain)
        self._accompaniment = None if vocals_only else Difference(song, vocals)
        self._moved: Source | None = self._accompaniment
        if self._accompaniment is not None and semitones % 12 != 0:
            moved = transposed(self._accompaniment, semitones)
            self._moved = kept(folder / "accompaniment", song, moved)
        self.mix_gain = 1.0

    def write(self, output: AudioWriter, stems: Sequence[AudioWriter], told: Progress) -> None:
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
        gain = self._gain
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


def matching_gain(old: float, new: float) -> float:
    """Return the gain that brings sound of ``new`` LUFS to ``old``; 1 where either is silent."""
    if not (math.isfinite(old) and math.isfinite(new)):
        return 1.0
    return float(10 ** (min(old - new, _LOUDEST_GAIN_DB) / 20))

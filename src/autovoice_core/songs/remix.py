"""A song's mix with new vocals: at the loudness of the old ones, in key, under -1 dBTP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from autovoice_core._threads import read_ahead
from autovoice_core._types import Progress
from autovoice_core.audio.decoded_peak import decoded_gain
from autovoice_core.audio.source import BLOCK_FRAMES, AudioBuffer, Block, Source
from autovoice_core.audio.true_peak import TruePeakMeter, true_peak_gain
from autovoice_core.audio.writing import AudioWriter, headroom_gain


class Remix:
    """The parts of a song that go into a mix with new vocals, and into its stems.

    Parameters
    ----------
    vocals, converted
        The vocals of the song, and the new vocals.
    accompaniment, shifted
        The accompaniment as it was, and in the key of the new vocals; none where the song is a
        voice alone.
    vocals_gain
        Factor applied to the new vocals.
    folder
        Takes trials of a lossy format.
    threads
        Threads to use.
    """

    def __init__(
        self,
        vocals: Source,
        converted: Source,
        accompaniment: Source | None,
        shifted: Source | None,
        *,
        vocals_gain: float,
        folder: Path,
        threads: int = 1,
    ) -> None:
        self._vocals, self._converted, self._gain = vocals, converted, np.float32(vocals_gain)
        self._accompaniment, self._shifted = accompaniment, shifted
        self._folder, self._threads = folder, threads

    def write(self, writers: Sequence[AudioWriter | AudioBuffer], progress: Progress) -> float:
        """Write the mix, and a stem for each further writer; return the gain of the mix.

        The stems are (vocals, accompaniment, new vocals), without accompaniment (vocals, new
        vocals). The gain is 1, or what brings the true peak down to ``MAX_TRUE_PEAK_DB``; of a
        lossy format, that of the sound that it decodes to.
        """
        meter, stem_peak = TruePeakMeter(self._vocals.channels), 0.0
        for mix, *stems in read_ahead(self._blocks(len(writers)), self._threads):
            meter.feed(mix)
            stem_peak = max(stem_peak, *(float(np.abs(stem).max()) for stem in stems), 0.0)
        mix_gain = true_peak_gain(meter.finish())
        first = writers[0]
        if isinstance(first, AudioWriter):
            mix_gain = decoded_gain(first, self._mix_blocks, mix_gain, self._folder)
        # One gain for all stems, so that they still add up.
        stem_gain = headroom_gain(stem_peak)
        gains = [mix_gain] + [stem_gain] * (len(writers) - 1)
        done = 0
        for blocks in read_ahead(self._blocks(len(writers)), self._threads):
            for writer, gain, block in zip(writers, gains, blocks, strict=True):
                writer.write(block if gain == 1 else block * np.float32(gain))
            done += blocks[0].shape[1]
            progress(done / self._vocals.frames)
        return mix_gain

    def _mix_blocks(self) -> Iterator[Block]:
        return (mix for (mix,) in self._blocks(1))

    def _blocks(self, count: int) -> Iterator[list[Block]]:
        """Yield blocks of the first ``count`` of the mix and the stems."""
        gain = self._gain
        vocals, converted = (
            source.blocks(BLOCK_FRAMES) for source in (self._vocals, self._converted)
        )
        if self._accompaniment is None or self._shifted is None:
            for old, new in zip(vocals, converted, strict=True):
                yield [gain * new, old, gain * new][:count]
            return
        accompaniment, shifted = (
            source.blocks(BLOCK_FRAMES) for source in (self._accompaniment, self._shifted)
        )
        for old, rest, moved, new in zip(vocals, accompaniment, shifted, converted, strict=True):
            new = gain * new
            yield [moved + new, old, rest, new][:count]

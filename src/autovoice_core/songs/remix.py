"""A song's mix with new vocals: at the loudness of the old ones, in key, under -1 dBTP."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from autovoice_core._types import Progress
from autovoice_core.audio.pitch_shift import pitch_shift
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import BLOCK_FRAMES, Block, Difference, Source
from autovoice_core.audio.true_peak import TruePeakMeter, true_peak_gain
from autovoice_core.audio.writing import AudioWriter, headroom_gain

MAX_TRUE_PEAK_DB = -1.0
"""True peak of the mix, dBTP: EBU R 128, so that players which resample don't clip."""
_MAX_VOCALS_GAIN_DB = 24.0
_MAX_TRIALS = 4
"""Encodings tried to bring what a lossy format decodes to under the ceiling."""
_TRIAL_MARGIN = 0.995  # as the error of a format changes a little with the gain


class Remix:
    """The parts of a song that go into a mix with new vocals, and into its stems.

    Parameters
    ----------
    song, vocals, converted
        The song, its vocals, and the new vocals.
    vocals_only
        The song is a voice alone, so there is no accompaniment.
    vocals_gain
        Factor applied to the new vocals.
    semitones
        Shift of the new vocals; the accompaniment follows one that is not a whole number of
        octaves.
    folder
        Takes the shifted accompaniment, and trials of a lossy format.
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
        self._folder = folder
        self._accompaniment = None if vocals_only else Difference(song, vocals)
        self._shifted: Source | None = self._accompaniment
        if self._accompaniment is not None and semitones % 12 != 0:
            shifted = pitch_shift(self._accompaniment, semitones)
            self._shifted = write_scratch(folder / "accompaniment", song, shifted)

    def write(self, writers: Sequence[AudioWriter], progress: Progress) -> float:
        """Write the mix, and a stem for each further writer; return the gain of the mix.

        The stems are (vocals, accompaniment, new vocals), without accompaniment (vocals, new
        vocals). The gain is 1, or what brings the true peak down to :data:`MAX_TRUE_PEAK_DB`; of a
        lossy format, that of the sound that it decodes to.
        """
        meter, stem_peak = TruePeakMeter(self._vocals.channels), 0.0
        for mix, *stems in self._blocks(len(writers)):
            meter.feed(mix)
            stem_peak = max(stem_peak, *(float(np.abs(stem).max()) for stem in stems), 0.0)
        mix_gain = true_peak_gain(meter.finish(), MAX_TRUE_PEAK_DB)
        if not writers[0].lossless:
            mix_gain = self._decoded_gain(writers[0], mix_gain)
        # One gain for all stems, so that they still add up.
        stem_gain = headroom_gain(stem_peak)
        gains = [mix_gain] + [stem_gain] * (len(writers) - 1)
        done = 0
        for blocks in self._blocks(len(writers)):
            for writer, gain, block in zip(writers, gains, blocks, strict=True):
                writer.write(block if gain == 1 else block * np.float32(gain))
            done += blocks[0].shape[1]
            progress(done / self._vocals.frames)
        return mix_gain

    def _decoded_gain(self, writer: AudioWriter, gain: float) -> float:
        """Return ``gain``, or what brings down what the writer's format decodes to."""
        for _ in range(_MAX_TRIALS):
            meter = TruePeakMeter(writer.channels)
            with writer.trial(self._folder) as trial:
                for (mix,) in self._blocks(1):
                    trial.write(mix * np.float32(gain))
            for block in AudioFile(trial.path).blocks(BLOCK_FRAMES):
                meter.feed(block)
            excess = true_peak_gain(meter.finish(), MAX_TRUE_PEAK_DB)
            if excess == 1:
                break
            gain *= excess * _TRIAL_MARGIN
        return gain

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


def loudness_gain(reference: float, loudness: float) -> float:
    """Return the gain from ``loudness`` to ``reference``, LUFS; 1 where either is silent."""
    if not (math.isfinite(reference) and math.isfinite(loudness)):
        return 1.0
    return float(10 ** (min(reference - loudness, _MAX_VOCALS_GAIN_DB) / 20))

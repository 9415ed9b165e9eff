"""The figures of a demo, measured against what was really sung and played."""

from __future__ import annotations

from functools import partial

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.loudness import loudness
from autovoice_core.backends.need import Need
from autovoice_core.metrics import Metrics, compute_metrics
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.synthetic import truth
from autovoice_core.voices.mel import SAMPLE_RATE, mel_spectrogram

_DYNAMIC_RANGE_DB = 50.0


@frozen
class Measurement:
    """A figure.

    Attributes
    ----------
    stage
        The operation that it judges.
    what
        What was measured, and against what.
    value, unit
        The figure; None where there is nothing to measure.
    compare
        The same figure of the operation's input, where that is meaningful.
    """

    stage: str
    what: str
    value: float | None
    unit: str
    compare: float | None = None


@frozen(eq=False)
class DemoSong:
    """The demo's song: the truth, and the result of each operation.

    Attributes
    ----------
    reference
        The mixture, its true stems and the true pitch.
    singer, target_singer, score
        Who sings the song, whose voice it is converted to, and what is sung.
    vocals, accompaniment, pitch
        As separated and tracked.
    converted, mix, key
        The converted vocals, the mix with them, and their shift in semitones.
    """

    reference: truth.Song
    singer: truth.Singer
    target_singer: truth.Singer
    score: truth.Score
    vocals: Audio
    accompaniment: Audio
    pitch: PitchTrack
    converted: Audio
    mix: Audio
    key: float

    def sung_by(self, singer: truth.Singer) -> Audio:
        """Return the melody as ``singer`` performs it, shifted by the key."""
        shifted = evolve(self.score, f0=self.score.f0 * 2 ** (self.key / 12))
        return truth.sing(
            singer, sample_rate=self.reference.mixture.sample_rate, score=shifted
        ).audio


def measure(song: DemoSong, need: Need | None) -> tuple[tuple[Measurement, ...], PitchTrack]:
    """Return the figures, and the pitch of the converted vocals."""
    reference = song.reference
    converted_pitch = SingingPitchExtractor(need=need).extract(song.converted)
    compare = partial(compute_metrics, reference_pitch=reference.pitch, estimate_pitch=song.pitch)
    mixture = compare(reference.stems.vocals, reference.mixture)
    vocals = compare(reference.stems.vocals, song.vocals)
    mixture_accompaniment = compare(reference.stems.accompaniment, reference.mixture)
    accompaniment = compare(reference.stems.accompaniment, song.accompaniment)
    converted = compute_metrics(
        reference.stems.vocals,
        song.converted,
        reference_pitch=reference.pitch,
        estimate_pitch=converted_pitch,
    )
    # The target singer's own performance is the right answer; the first singer's, in the same
    # key, is the best that a change of key alone could reach.
    answer, key_change = (song.sung_by(singer) for singer in (song.target_singer, song.singer))
    voiced = reference.pitch.voiced
    distance = spectral_distance(answer, song.converted, voiced)
    key_change_distance = spectral_distance(answer, key_change, voiced)
    figures = (
        Measurement("separation", "SDR of the vocals", vocals.sdr, "dB", mixture.sdr),
        Measurement("separation", "SI-SDR of the vocals", vocals.si_sdr, "dB", mixture.si_sdr),
        Measurement(
            "separation",
            "SDR of the accompaniment",
            accompaniment.sdr,
            "dB",
            mixture_accompaniment.sdr,
        ),
        *_of_pitch("pitch", vocals),
        Measurement("conversion", "key, moved by", song.key, "semitones"),
        *_of_pitch("conversion", converted),
        Measurement("conversion", "off target's spectrum", distance, "dB", key_change_distance),
        Measurement(
            "conversion", "loudness of the vocals", *loudness_of(song.converted, song.vocals)
        ),
        Measurement("song", "loudness", *loudness_of(song.mix, reference.mixture)),
        Measurement("song", "length", song.mix.frames, "samples", reference.mixture.frames),
    )
    return figures, converted_pitch


def spectral_distance(reference: Audio, estimate: Audio, voiced: NDArray[np.bool_]) -> float:
    """Return the distance of the average spectra of two performances of one melody, dB.

    The root mean square difference of 40 mel bands, averaged in dB over the frames that are
    ``voiced``, every 10 ms, after the level of each frame is removed; bands more than 50 dB
    under a frame's strongest count as 50 dB under it.
    """
    averages = []
    for audio in (reference, estimate):
        power = mel_spectrogram(audio.mono().resample(SAMPLE_RATE).numpy()[0])
        level = 10 * np.log10(np.maximum(power[: len(voiced)][voiced], 1e-12, dtype=np.float64))
        level = np.maximum(level, level.max(axis=1, keepdims=True) - _DYNAMIC_RANGE_DB)
        averages.append(np.mean(level - level.mean(axis=1, keepdims=True), axis=0))
    return float(np.sqrt(np.mean((averages[0] - averages[1]) ** 2)))


def _of_pitch(stage: str, metrics: Metrics) -> tuple[Measurement, ...]:
    return (
        Measurement(stage, "median f0 error", metrics.f0_error, "cents"),
        Measurement(stage, "f0 off by over 50 cents", metrics.gross_errors, "%"),
        Measurement(stage, "voicing, precision", metrics.voicing_precision, "%"),
        Measurement(stage, "voicing, recall", metrics.voicing_recall, "%"),
    )


def loudness_of(after: Audio, before: Audio) -> tuple[float | None, str, float | None]:
    """Return the loudness of a sound, its unit, and that of the sound before."""
    levels = (loudness(after), loudness(before))
    found = [level if np.isfinite(level) else None for level in levels]
    return found[0], "LUFS", found[1]

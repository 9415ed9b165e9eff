"""What the demo measures, against what was really sung and played."""

from __future__ import annotations

from functools import partial

import numpy as np
from attrs import evolve, frozen
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.loudness import loudness
from autovoice_core.backends.offer import Need
from autovoice_core.metrics import Metrics, compute_metrics
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.synthetic import truth
from autovoice_core.voices.mel import SAMPLE_RATE, mel_spectrogram

_DEEPEST_DB = 50.0


@frozen
class Measured:
    """A figure.

    Attributes
    ----------
    stage
        Which operation it judges.
    what
        What was measured, and against what.
    value, unit
        The figure; None where there is nothing to measure.
    compare
        The same figure of what the operation was given, where that says something.
    """

    stage: str
    what: str
    value: float | None
    unit: str
    compare: float | None = None


@frozen(eq=False)
class Performance:
    """What was sung, and what the chain made of it."""

    song: truth.Song
    singer: truth.Singer
    second_singer: truth.Singer
    score: truth.Score
    vocals: Audio
    accompaniment: Audio
    converted: Audio
    after: Audio
    pitch: PitchTrack
    key: float

    def performed_by(self, singer: truth.Singer) -> Audio:
        """Return the melody, moved by the key, as a singer performs it."""
        moved = evolve(self.score, f0=self.score.f0 * 2 ** (self.key / 12))
        return truth.sing(singer, sample_rate=self.song.mixture.sample_rate, score=moved).audio


def measure(done: Performance, need: Need | None) -> tuple[tuple[Measured, ...], PitchTrack]:
    """Return the figures, and the pitch of the new vocals."""
    song = done.song
    new_pitch = SingingPitchExtractor(need=need).extract(done.converted)
    compare = partial(compute_metrics, reference_pitch=song.pitch, estimate_pitch=done.pitch)
    mixture = compare(song.stems.vocals, song.mixture)
    vocals = compare(song.stems.vocals, done.vocals)
    band = compare(song.stems.accompaniment, song.mixture)
    rest = compare(song.stems.accompaniment, done.accompaniment)
    converted = compute_metrics(
        song.stems.vocals, done.converted, reference_pitch=song.pitch, estimate_pitch=new_pitch
    )
    # How the second singer sings it is the right answer; how the first one does, in the same key,
    # is what a change of key alone could reach at best.
    answer, first = (done.performed_by(who) for who in (done.second_singer, done.singer))
    spectrum, before = (
        spectral_distance(answer, sung, song.pitch.voiced) for sung in (done.converted, first)
    )
    figures = (
        Measured("separation", "SDR of the vocals", vocals.sdr, "dB", mixture.sdr),
        Measured("separation", "SI-SDR of the vocals", vocals.si_sdr, "dB", mixture.si_sdr),
        Measured("separation", "SDR of the accompaniment", rest.sdr, "dB", band.sdr),
        *_of_pitch("pitch", vocals),
        Measured("conversion", "key, moved by", done.key, "semitones"),
        *_of_pitch("conversion", converted),
        Measured("conversion", "off target's spectrum", spectrum, "dB", before),
        Measured("conversion", "loudness of the vocals", *_loudness(done.converted, done.vocals)),
        Measured("song", "loudness", *_loudness(done.after, song.mixture)),
        Measured("song", "length", done.after.frames, "samples", song.mixture.frames),
    )
    return figures, new_pitch


def spectral_distance(reference: Audio, estimate: Audio, voiced: NDArray[np.bool_]) -> float:
    """Return how far the average spectra of two performances of one melody lie apart, dB.

    The root mean square difference of 40 mel bands, averaged in dB over the frames that are
    ``voiced``, every 10 ms, after the level of each frame is taken out; bands deeper than 50 dB
    under a frame's strongest count as that deep.
    """
    averages = []
    for audio in (reference, estimate):
        power = mel_spectrogram(audio.mono().resample(SAMPLE_RATE).numpy()[0])
        level = 10 * np.log10(np.maximum(power[: len(voiced)][voiced], 1e-12, dtype=np.float64))
        level = np.maximum(level, level.max(axis=1, keepdims=True) - _DEEPEST_DB)
        averages.append(np.mean(level - level.mean(axis=1, keepdims=True), axis=0))
    return float(np.sqrt(np.mean((averages[0] - averages[1]) ** 2)))


def _of_pitch(stage: str, metrics: Metrics) -> tuple[Measured, ...]:
    return (
        Measured(stage, "median f0 error", metrics.f0_error, "cents"),
        Measured(stage, "f0 off by over 50 cents", metrics.gross_errors, "%"),
        Measured(stage, "voicing, precision", metrics.voicing_precision, "%"),
        Measured(stage, "voicing, recall", metrics.voicing_recall, "%"),
    )


def _loudness(after: Audio, before: Audio) -> tuple[float | None, str, float | None]:
    levels = (loudness(after), loudness(before))
    found = [level if np.isfinite(level) else None for level in levels]
    return found[0], "LUFS", found[1]

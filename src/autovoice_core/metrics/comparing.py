"""What is measured of a recording against its reference, and how."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import attrs
from attrs import field, frozen

from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchTrack, Progress
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.source import Source, as_source
from autovoice_core.backends.offer import Need
from autovoice_core.metrics.judges import Judges, installed_judges
from autovoice_core.metrics.judging import Performance, judge
from autovoice_core.metrics.pitch import compare_pitch
from autovoice_core.metrics.plain import plain
from autovoice_core.metrics.waveform import distortion_ratios
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.profile import VoiceProfile

LENGTH_TOLERANCE = 0.1
"""Seconds by which a conversion may be longer or shorter, as an MP3 file is."""

# How far the whole is when each pitch track is known; the judges take the rest.
_ONE_TRACK, _BOTH_TRACKS = 0.15, 0.3


@frozen
class Metrics:
    """What :func:`compute_metrics` found; ``None`` where a figure is not defined.

    Attributes
    ----------
    sdr
        Signal-to-distortion ratio in dB, ``|s|^2 / |s - e|^2`` over all channels, the
        ``SDR`` of the Music Demixing Challenge (Mitsufuji et al. 2022). ``inf`` for an exact
        copy, ``None`` for a silent reference and for a conversion.
    si_sdr
        The same after the reference is scaled to fit (Le Roux et al. 2019); blind to gain.
        ``None`` for a silent reference or estimate and for a conversion, ``-inf`` where nothing
        of the reference is in the estimate.
    key
        Semitones by which the estimate is sung higher; not rounded.
    f0_error
        Median distance of f0 in cents after the key is taken out.
    gross_errors, octave_errors
        Percent of the frames voiced in both that are more than 50 cents off after the key is
        taken out, and of those that are off by whole octaves.
    voicing_precision, voicing_recall
        Percent of the frames voiced in the estimate that are voiced in the reference, and the
        other way round.
    voicing_agreement
        Percent of all frames that are voiced in both or in neither.
    loudness_difference
        LU by which the estimate is louder (BS.1770); ``None`` where one of them is silent.
    similarity_to_target, similarity_to_source, source_to_target
        Cosines between the speaker embeddings of estimate, reference and the voice: at most 1.
        Two halves of one recording score about 0.9, different people about 0.6.
    phone_error
        Percent of the reference's speech sounds that a recogniser misses, adds or takes for
        others in the estimate.
    dnsmos, dnsmos_reference
        Overall quality from 1 to 5 by DNSMOS P.835, which was trained on speech: on singing only
        the difference between the two says something.
    left_out
        Why a judge's figure is missing, by its name.
    """

    sdr: float | None = None
    si_sdr: float | None = None
    key: float | None = None
    f0_error: float | None = None
    gross_errors: float | None = None
    octave_errors: float | None = None
    voicing_precision: float | None = None
    voicing_recall: float | None = None
    voicing_agreement: float | None = None
    loudness_difference: float | None = None
    similarity_to_target: float | None = None
    similarity_to_source: float | None = None
    source_to_target: float | None = None
    phone_error: float | None = None
    dnsmos: float | None = None
    dnsmos_reference: float | None = None
    left_out: Mapping[str, str] = field(factory=dict, kw_only=True)

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures for JSON; ``None`` stands for infinity too, which JSON lacks."""
        return plain(attrs.asdict(self, filter=_is_a_figure))


def _is_a_figure(attribute: attrs.Attribute[object], value: object) -> bool:
    return attribute.name != "left_out"


def compute_metrics(
    reference: Audio | Source | str | Path,
    estimate: Audio | Source | str | Path,
    *,
    voice: VoiceProfile | None = None,
    reference_pitch: PitchTrack | None = None,
    estimate_pitch: PitchTrack | None = None,
    need: Need | None = None,
    judges: Judges | None = None,
    progress: Progress | None = None,
) -> Metrics:
    """Compare an estimate with its reference: two signals, or singing and its conversion.

    Without a ``voice`` the waveforms are compared, as after separation. With one the estimate is
    the reference sung again by that voice: waveforms say nothing then, and speaker, words and
    quality are judged instead.

    Parameters
    ----------
    reference, estimate
        In memory or files; memory does not grow with the length of a file. Of one rate, length
        and number of channels; a conversion may differ in rate, channels and 0.1 s of length.
    voice
        The voice that the estimate should be in.
    reference_pitch, estimate_pitch
        Their tracks, where known, with frames at the same times; by default a
        :class:`SingingPitchExtractor` finds them.
    need
        What is asked of the backend that follows the pitch.
    judges
        Who judges a conversion; by default :func:`installed_judges`.
    progress
        Told the fraction done.

    Raises
    ------
    InputError
        Rates, shapes or the times of the tracks differ, or a file can't be read.
    """
    progress = progress or _nobody
    truth, found = as_source(reference), as_source(estimate)
    if voice is None:
        _check_shapes(truth, found)
    else:
        check_lengths(truth, found)
    extractor = SingingPitchExtractor(need=need)
    if reference_pitch is not None:
        extractor = SingingPitchExtractor(hop=reference_pitch.hop, need=need)
    elif estimate_pitch is not None:
        extractor = SingingPitchExtractor(hop=estimate_pitch.hop, need=need)
    sung = reference_pitch if reference_pitch is not None else extractor.extract(truth)
    progress(_ONE_TRACK)
    heard = estimate_pitch if estimate_pitch is not None else extractor.extract(found)
    progress(_BOTH_TRACKS)
    loud_reference, loud_estimate = loudness(truth), loudness(found)
    audible = math.isfinite(loud_reference) and math.isfinite(loud_estimate)
    figures: dict[str, float | None] = {
        "loudness_difference": loud_estimate - loud_reference if audible else None
    }
    left_out: Mapping[str, str] = {}
    if voice is None:
        figures["sdr"], figures["si_sdr"] = distortion_ratios(truth, found)
    else:
        frames = min(len(sung), len(heard))
        sung, heard = _first(sung, frames), _first(heard, frames)
        verdict = judge(
            Performance(truth, sung),
            Performance(found, heard),
            voice,
            installed_judges() if judges is None else judges,
            lambda fraction: progress(_BOTH_TRACKS + (1 - _BOTH_TRACKS) * fraction),
        )
        figures |= verdict.figures
        left_out = verdict.left_out
    progress(1.0)
    agreement = attrs.asdict(compare_pitch(sung, heard))
    return Metrics(**figures, **agreement, left_out=left_out)


def _check_shapes(reference: Source, estimate: Source) -> None:
    if reference.sample_rate != estimate.sample_rate:
        raise InputError(
            f"estimate: its rate of {estimate.sample_rate} Hz is not the reference's "
            f"{reference.sample_rate} Hz; use estimate.resample({reference.sample_rate})"
        )
    shapes = [(source.channels, source.frames) for source in (reference, estimate)]
    if shapes[0] != shapes[1]:
        raise InputError(
            f"estimate: its (channels, frames) are {shapes[1]}, not the reference's "
            f"{shapes[0]}; cut both to the same stretch and channels"
        )


def check_lengths(reference: Source, estimate: Source) -> None:
    """Refuse a conversion that is longer or shorter than its source by over 0.1 s."""
    lengths = [source.frames / source.sample_rate for source in (reference, estimate)]
    if abs(lengths[0] - lengths[1]) > LENGTH_TOLERANCE:
        raise InputError(
            f"{estimate.name}: it lasts {lengths[1]:.2f} s, but {reference.name} lasts "
            f"{lengths[0]:.2f} s; cut both to the same stretch"
        )


def _first(track: PitchTrack, frames: int) -> PitchTrack:
    return attrs.evolve(
        track,
        f0=track.f0[:frames],
        voiced=track.voiced[:frames],
        confidence=track.confidence[:frames],
    )


def _nobody(fraction: float) -> None:
    """Take in the progress where nobody asked for it."""

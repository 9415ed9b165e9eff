"""Figures that compare a recording with its reference."""

from __future__ import annotations

import math
from collections.abc import Mapping

import attrs
from attrs import field, frozen

from autovoice_core._arguments import as_instance, as_progress
from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack, Progress
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.reading import SoundInput, as_source
from autovoice_core.audio.source import Source
from autovoice_core.backends.guards.inputs import check_pitch
from autovoice_core.backends.need import Need
from autovoice_core.metrics.json_values import json_values
from autovoice_core.metrics.judges import Judges, installed_judges
from autovoice_core.metrics.perceptual import Vocals, perceptual_figures
from autovoice_core.metrics.pitch import compare_pitch
from autovoice_core.metrics.waveform import distortion_ratios
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.voices.lookup import as_profile
from autovoice_core.voices.profile import VoiceProfile

LENGTH_TOLERANCE_SECONDS = 0.1
"""By how much a conversion may be longer or shorter, as an MP3 file is."""

# Fraction done when one and both pitch tracks are known; the judges take the rest.
_ONE_TRACK_DONE, _BOTH_TRACKS_DONE = 0.15, 0.3


@frozen(repr=False)
class Metrics:
    """The figures of :func:`compute_metrics`; ``None`` where one is not defined.

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
        Semitones by which the estimate is higher; not rounded.
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
        Edits between the phones that a recogniser finds in both, in percent of the reference's.
    words_lost
        Words and parts of words that a recogniser of English no longer finds in the estimate, in
        percent of those in the reference.
    dnsmos, dnsmos_reference
        Overall quality from 1 to 5 by DNSMOS P.835, which was trained on speech: on singing only
        the difference between the two means something.
    left_out
        Why a perceptual figure is missing, by its name.
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
    words_lost: float | None = None
    dnsmos: float | None = None
    dnsmos_reference: float | None = None
    left_out: Mapping[str, str] = field(factory=dict, kw_only=True)

    def __repr__(self) -> str:
        figures = attrs.asdict(self, filter=_is_a_figure).items()
        known = ", ".join(f"{name}={value:.3g}" for name, value in figures if value is not None)
        return f"Metrics({known})"

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures for JSON; ``None`` stands for infinity too, which JSON lacks."""
        return json_values(attrs.asdict(self, filter=_is_a_figure))


def _is_a_figure(attribute: attrs.Attribute[object], value: object) -> bool:
    return attribute.name != "left_out"


def compute_metrics(
    reference: SoundInput,
    estimate: SoundInput,
    *,
    voice: VoiceProfile | str | None = None,
    reference_pitch: PitchTrack | None = None,
    estimate_pitch: PitchTrack | None = None,
    need: Need | None = None,
    judges: Judges | None = None,
    progress: Progress | None = None,
) -> Metrics:
    """Compare an estimate with its reference: two signals, or singing and its conversion.

    Without a ``voice`` the waveforms are compared, as after separation. With one the estimate is
    a conversion of the reference to that voice: waveforms mean nothing then, and speaker, words
    and quality are judged instead.

    Parameters
    ----------
    reference, estimate
        In memory or files; memory does not grow with the length of a file. Of one rate, length
        and number of channels; a conversion may differ in rate, channels and 0.1 s of length.
    voice
        The voice that the estimate should be in, or its name in the default storage.
    reference_pitch, estimate_pitch
        Their pitch, where known, with frames at the same times; by default a
        :class:`SingingPitchExtractor` extracts it.
    need
        Requirements on the pitch backend.
    judges
        The judges of a conversion; by default :func:`~autovoice_core.metrics.installed_judges`.
    progress
        Called with the fraction done.

    Raises
    ------
    InputError
        Rates, shapes or the times of the tracks differ, or a file can't be read.
    """
    progress = as_progress(progress)
    truth, result = as_source(reference, "reference"), as_source(estimate, "estimate")
    profile = None if voice is None else as_profile("voice", voice)
    for name, track in (("reference_pitch", reference_pitch), ("estimate_pitch", estimate_pitch)):
        if track is not None:
            check_pitch(name, track)
    if judges is not None:
        as_instance("judges", judges, Judges, "give installed_judges() or omit it")
    if profile is None:
        _check_shapes(truth, result)
    else:
        check_lengths(truth, result)
    extractor = SingingPitchExtractor(need=need)
    if reference_pitch is not None:
        extractor = SingingPitchExtractor(hop=reference_pitch.hop, need=need)
    elif estimate_pitch is not None:
        extractor = SingingPitchExtractor(hop=estimate_pitch.hop, need=need)
    pitch = reference_pitch if reference_pitch is not None else extractor.extract(truth)
    progress(_ONE_TRACK_DONE)
    result_pitch = estimate_pitch if estimate_pitch is not None else extractor.extract(result)
    progress(_BOTH_TRACKS_DONE)
    loud_reference, loud_estimate = loudness(truth), loudness(result)
    audible = math.isfinite(loud_reference) and math.isfinite(loud_estimate)
    figures: dict[str, float | None] = {
        "loudness_difference": loud_estimate - loud_reference if audible else None
    }
    left_out: Mapping[str, str] = {}
    if profile is None:
        figures["sdr"], figures["si_sdr"] = distortion_ratios(truth, result)
    else:
        frames = min(len(pitch), len(result_pitch))
        pitch, result_pitch = _first(pitch, frames), _first(result_pitch, frames)
        found = perceptual_figures(
            Vocals(truth, pitch),
            Vocals(result, result_pitch),
            profile,
            installed_judges() if judges is None else judges,
            lambda fraction: progress(_BOTH_TRACKS_DONE + (1 - _BOTH_TRACKS_DONE) * fraction),
        )
        figures |= found.figures
        left_out = found.left_out
    progress(1.0)
    agreement = attrs.asdict(compare_pitch(pitch, result_pitch))
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
    """Refuse a conversion that is longer or shorter than its source by over 0.1 s.

    Raises
    ------
    InputError
        It is.
    """
    lengths = [source.frames / source.sample_rate for source in (reference, estimate)]
    if abs(lengths[0] - lengths[1]) > LENGTH_TOLERANCE_SECONDS:
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

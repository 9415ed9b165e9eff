"""How far an estimate lies from its reference: waveform, pitch, voicing, loudness."""

from __future__ import annotations

import math

import attrs
import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.loudness import loudness
from autovoice_core.pitch import SingingPitchExtractor

GROSS = 50.0
"""Cents from which a pitch is wrong."""
NEAR_KEY = 100.0
"""Cents around the most frequent difference that belong to the key."""


@frozen
class Metrics:
    """What :func:`compute_metrics` found; ``None`` where a figure is not defined.

    Attributes
    ----------
    sdr
        Signal-to-distortion ratio in dB, ``|s|^2 / |s - e|^2`` over all channels, the
        ``SDR`` of the Music Demixing Challenge (Mitsufuji et al. 2022). ``inf`` for an exact
        copy, ``None`` for a silent reference.
    si_sdr
        The same after the reference is scaled to fit (Le Roux et al. 2019); blind to gain.
        ``None`` for a silent reference or estimate, ``-inf`` where nothing of the reference is
        in the estimate.
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
    loudness_difference
        LU by which the estimate is louder (BS.1770); ``None`` where one of them is silent.
    """

    sdr: float | None
    si_sdr: float | None
    key: float | None
    f0_error: float | None
    gross_errors: float | None
    octave_errors: float | None
    voicing_precision: float | None
    voicing_recall: float | None
    loudness_difference: float | None

    def as_dict(self) -> dict[str, float | None]:
        """Return the figures for JSON; ``None`` stands for infinity too, which JSON lacks."""
        values: dict[str, float | None] = attrs.asdict(self)
        return {
            name: value if value is not None and math.isfinite(value) else None
            for name, value in values.items()
        }


def compute_metrics(
    reference: Audio,
    estimate: Audio,
    *,
    reference_pitch: PitchTrack | None = None,
    estimate_pitch: PitchTrack | None = None,
) -> Metrics:
    """Compare an estimate with its reference.

    Parameters
    ----------
    reference, estimate
        Of one rate, length and number of channels.
    reference_pitch, estimate_pitch
        Their tracks, where known, with frames at the same times; by default a
        :class:`SingingPitchExtractor` finds them.

    Raises
    ------
    InputError
        Rates, shapes or the times of the tracks differ.
    """
    if reference.sample_rate != estimate.sample_rate:
        raise InputError(
            f"estimate: its rate of {estimate.sample_rate} Hz is not the reference's "
            f"{reference.sample_rate} Hz; use estimate.resample({reference.sample_rate})"
        )
    truth = reference.numpy().astype(np.float64)
    found = estimate.numpy().astype(np.float64)
    if truth.shape != found.shape:
        raise InputError(
            f"estimate: its (channels, frames) are {found.shape}, not the reference's "
            f"{truth.shape}; cut both to the same stretch and channels"
        )
    extractor = SingingPitchExtractor()
    if reference_pitch is not None:
        extractor = SingingPitchExtractor(hop=reference_pitch.hop)
    elif estimate_pitch is not None:
        extractor = SingingPitchExtractor(hop=estimate_pitch.hop)
    sung = reference_pitch if reference_pitch is not None else extractor.extract(reference)
    heard = estimate_pitch if estimate_pitch is not None else extractor.extract(estimate)
    loud_reference, loud_estimate = loudness(reference), loudness(estimate)
    audible = math.isfinite(loud_reference) and math.isfinite(loud_estimate)
    return Metrics(
        sdr=_sdr(truth, found),
        si_sdr=_si_sdr(truth, found),
        **_pitch_figures(sung, heard),
        loudness_difference=loud_estimate - loud_reference if audible else None,
    )


def _decibels(signal: float, error: float) -> float:
    if signal == 0:
        return -math.inf
    return math.inf if error == 0 else 10 * math.log10(signal / error)


def _sdr(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float | None:
    power = float(np.sum(truth**2))
    return _decibels(power, float(np.sum((truth - found) ** 2))) if power else None


def _si_sdr(truth: NDArray[np.float64], found: NDArray[np.float64]) -> float | None:
    power, other = float(np.sum(truth**2)), float(np.sum(found**2))
    if not power or not other:
        return None
    projected = float(np.sum(truth * found)) / power * truth
    return _decibels(float(np.sum(projected**2)), float(np.sum((found - projected) ** 2)))


def _pitch_figures(sung: PitchTrack, heard: PitchTrack) -> dict[str, float | None]:
    if len(sung) != len(heard) or (sung.hop, sung.start) != (heard.hop, heard.start):
        raise InputError(
            f"estimate_pitch: its {len(heard)} frames every {heard.hop:g} s from "
            f"{heard.start:g} s are not at the times of the reference's {len(sung)} every "
            f"{sung.hop:g} s from {sung.start:g} s; extract both with one hop"
        )
    both = sung.voiced & heard.voiced
    figures = {
        "voicing_precision": _percent(sung.voiced[heard.voiced]),
        "voicing_recall": _percent(heard.voiced[sung.voiced]),
    }
    if not both.any():
        nothing = dict.fromkeys(("key", "f0_error", "gross_errors", "octave_errors"))
        return {**nothing, **figures}
    cents = 1200 * np.log2(heard.f0[both] / sung.f0[both])
    key = _key(cents)
    off = cents - key
    octaves = np.round(off / 1200)
    return {
        "key": key / 100,
        "f0_error": float(np.median(np.abs(off))),
        "gross_errors": _percent(np.abs(off) > GROSS),
        "octave_errors": _percent((octaves != 0) & (np.abs(off - 1200 * octaves) <= GROSS)),
        **figures,
    }


def _key(cents: NDArray[np.float64]) -> float:
    """Return the key change: the median near the most frequent difference.

    A plain median would follow octave errors once they are many.
    """
    bins = np.round(cents / GROSS).astype(np.int64)
    counts = np.bincount(bins - bins.min())
    # Each bin with its neighbours, as the key may lie on the border of two.
    wide = np.convolve(counts, (1, 1, 1), "same")
    centre = (int(np.argmax(wide)) + int(bins.min())) * GROSS
    return float(np.median(cents[np.abs(cents - centre) <= NEAR_KEY]))


def _percent(flags: NDArray[np.bool_]) -> float | None:
    return 100.0 * float(flags.mean()) if flags.size else None

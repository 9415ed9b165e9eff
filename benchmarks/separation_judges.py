"""Figures of benchmarks/separation.py: of waveforms, and of what pitch tracking makes of them."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec

import numpy as np
from separation_peers import Case, Signal, mixture

from autovoice_core import Audio, PitchTrack, SingingPitchExtractor
from autovoice_core.metrics.pitch import compare_pitch
from autovoice_core.metrics.separation import compute_separation_metrics

FIGURES = (
    "vocals SDR",
    "vocals SI-SDR",
    "vocals SIR",
    "accompaniment SDR",
    "accompaniment SI-SDR",
    "f0 right, %",
    "voicing right, %",
)
GROSS_ERROR_CENTS = 50.0


def figures(case: Case, vocals: Signal) -> list[float]:
    """Return :data:`FIGURES` of the vocals found, and of the rest; SIR is NaN without mir_eval."""
    rest = mixture(case) - vocals
    return [
        sdr(case.vocals, vocals),
        si_sdr(case.vocals, vocals),
        sir(case, vocals, rest),
        sdr(case.accompaniment, rest),
        si_sdr(case.accompaniment, rest),
        *pitch_figures(case, vocals),
    ]


def sdr(true: Signal, found: Signal) -> float:
    """Return the signal-to-distortion ratio, dB."""
    return float(10 * np.log10(np.sum(true**2) / np.sum((true - found) ** 2)))


def si_sdr(true: Signal, found: Signal) -> float:
    """Return the same after the reference is scaled to fit; nothing found counts as 0 dB."""
    if not found.any():
        return 0.0
    return sdr(np.sum(true * found) / np.sum(true**2) * true, found)


def sir(case: Case, vocals: Signal, rest: Signal) -> float:
    """Return the signal-to-interference ratio of BSS Eval, dB."""
    if find_spec("mir_eval") is None or not rest.any():
        return float("nan")
    rate = case.mixture.sample_rate
    true, found = (
        {name: Audio(stem.astype(np.float32), rate) for name, stem in zip("va", stems, strict=True)}
        for stems in ((case.vocals, case.accompaniment), (vocals, rest))
    )
    value = compute_separation_metrics(true, found)["v"].sir
    return float("nan") if value is None else value


def pitch_figures(case: Case, vocals: Signal) -> tuple[float, float]:
    """Return of the frames voiced in the true vocals how many keep their f0, and all voicing, %."""
    true, found = true_pitch(case), pitch(vocals, case.mixture.sample_rate)
    both = true.voiced & found.voiced
    cents = 1200 * np.log2(found.f0[both] / true.f0[both])
    right = int((np.abs(cents) <= GROSS_ERROR_CENTS).sum())
    voicing = compare_pitch(true, found).voicing_agreement
    assert voicing is not None  # there are frames
    return 100 * right / max(int(true.voiced.sum()), 1), voicing


@lru_cache
def true_pitch(case: Case) -> PitchTrack:
    """Return the pitch of the true vocals."""
    return pitch(case.vocals, case.mixture.sample_rate)


def pitch(samples: Signal, sample_rate: int) -> PitchTrack:
    """Return the pitch of what is sung, by the backend that is chosen by default."""
    return SingingPitchExtractor().extract(Audio(samples.astype(np.float32), sample_rate))

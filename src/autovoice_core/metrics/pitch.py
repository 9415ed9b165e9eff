"""How far one pitch track lies from another, after the change of key is taken out."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack

GROSS = 50.0
"""Cents from which a pitch is wrong."""
NEAR_KEY = 100.0
"""Cents around the most frequent difference that belong to the key."""


@frozen
class PitchAgreement:
    """What :func:`compare_pitch` found; the fields are those of ``Metrics``."""

    key: float | None
    f0_error: float | None
    gross_errors: float | None
    octave_errors: float | None
    voicing_precision: float | None
    voicing_recall: float | None
    voicing_agreement: float | None


def compare_pitch(sung: PitchTrack, heard: PitchTrack) -> PitchAgreement:
    """Compare ``heard`` with ``sung``, frame by frame.

    Raises
    ------
    InputError
        Their frames are not at the same times.
    """
    if len(sung) != len(heard) or (sung.hop, sung.start) != (heard.hop, heard.start):
        raise InputError(
            f"estimate_pitch: its {len(heard)} frames every {heard.hop:g} s from "
            f"{heard.start:g} s are not at the times of the reference's {len(sung)} every "
            f"{sung.hop:g} s from {sung.start:g} s; extract both with one hop"
        )
    voicing = (
        _percent(sung.voiced[heard.voiced]),
        _percent(heard.voiced[sung.voiced]),
        _percent(sung.voiced == heard.voiced),
    )
    both = sung.voiced & heard.voiced
    if not both.any():
        return PitchAgreement(None, None, None, None, *voicing)
    cents = 1200 * np.log2(heard.f0[both] / sung.f0[both])
    key = _key(cents)
    off = cents - key
    octaves = np.round(off / 1200)
    return PitchAgreement(
        key / 100,
        float(np.median(np.abs(off))),
        _percent(np.abs(off) > GROSS),
        _percent((octaves != 0) & (np.abs(off - 1200 * octaves) <= GROSS)),
        *voicing,
    )


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

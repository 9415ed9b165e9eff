"""Agreement of two pitch tracks, apart from a change of key."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack

GROSS_ERROR_CENTS = 50.0
"""Distance from which a pitch is wrong."""
KEY_CENTS = 100.0
"""Distance from the most frequent difference within which a frame counts for the key."""


@frozen
class PitchAgreement:
    """The figures of :func:`compare_pitch`; the fields are those of ``Metrics``."""

    key: float | None
    f0_error: float | None
    gross_errors: float | None
    octave_errors: float | None
    voicing_precision: float | None
    voicing_recall: float | None
    voicing_agreement: float | None


def compare_pitch(reference: PitchTrack, estimate: PitchTrack) -> PitchAgreement:
    """Return how well ``estimate`` agrees with ``reference``, frame by frame.

    Raises
    ------
    InputError
        Their frames are not at the same times.
    """
    times = [(len(track), track.hop, track.start) for track in (reference, estimate)]
    if times[0] != times[1]:
        raise InputError(
            f"estimate_pitch: its {len(estimate)} frames every {estimate.hop:g} s from "
            f"{estimate.start:g} s are not at the times of the reference's {len(reference)} every "
            f"{reference.hop:g} s from {reference.start:g} s; extract both with one hop"
        )
    voicing = (
        _percent(reference.voiced[estimate.voiced]),
        _percent(estimate.voiced[reference.voiced]),
        _percent(reference.voiced == estimate.voiced),
    )
    both = reference.voiced & estimate.voiced
    if not both.any():
        return PitchAgreement(None, None, None, None, *voicing)
    cents = 1200 * np.log2(estimate.f0[both] / reference.f0[both])
    key = _key(cents)
    off = cents - key
    octaves = np.round(off / 1200)
    return PitchAgreement(
        key / 100,
        float(np.median(np.abs(off))),
        _percent(np.abs(off) > GROSS_ERROR_CENTS),
        _percent((octaves != 0) & (np.abs(off - 1200 * octaves) <= GROSS_ERROR_CENTS)),
        *voicing,
    )


def _key(cents: NDArray[np.float64]) -> float:
    """Return the key change: the median near the most frequent difference.

    The median of all frames would follow octave errors once they are many.
    """
    bins = np.round(cents / GROSS_ERROR_CENTS).astype(np.int64)
    counts = np.bincount(bins - bins.min())
    # Each bin with its neighbours, as the key may lie on the border of two.
    wide = np.convolve(counts, (1, 1, 1), "same")
    centre = (int(np.argmax(wide)) + int(bins.min())) * GROSS_ERROR_CENTS
    return float(np.median(cents[np.abs(cents - centre) <= KEY_CENTS]))


def _percent(flags: NDArray[np.bool_]) -> float | None:
    return 100.0 * float(flags.mean()) if flags.size else None

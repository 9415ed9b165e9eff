"""Comparison of tracks with the truth and with each other."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from autovoice_core import Audio, PitchTrack, SingingPitchExtractor


@frozen
class Errors:
    """How a track differs from the truth, away from the edges of voiced stretches."""

    accuracy: float
    median_cents: float
    octave: float
    missed: float
    false_alarms: float


def errors(truth: PitchTrack, found: PitchTrack) -> Errors:
    edge = np.zeros(len(truth), bool)
    for at in np.flatnonzero(np.diff(truth.voiced.astype(int))):
        edge[max(at - 1, 0) : at + 3] = True
    sung, rest = truth.voiced & ~edge, ~truth.voiced & ~edge
    both = sung & found.voiced
    cents = np.full(len(truth), np.inf)
    cents[both] = 1200 * np.log2(found.f0[both] / truth.f0[both])
    octaves = np.round(cents[both] / 1200)
    return Errors(
        accuracy=float(np.mean(np.abs(cents[sung]) < 50)),
        median_cents=float(np.median(np.abs(cents[both]))),
        octave=float(np.mean((octaves != 0) & (np.abs(cents[both] - 1200 * octaves) < 50))),
        missed=float(np.mean(~found.voiced[sung])),
        false_alarms=float(np.mean(found.voiced[rest])) if rest.any() else 0.0,
    )


def track(audio: Audio, backend: str, hop: float = 0.01, **limits: float) -> PitchTrack:
    return SingingPitchExtractor(hop=hop, backend=backend, **limits).extract(audio)


def assert_same(found: PitchTrack, other: PitchTrack, *, cents: float) -> None:
    np.testing.assert_array_equal(found.voiced, other.voiced)
    at = found.voiced
    assert np.abs(1200 * np.log2(found.f0[at] / other.f0[at])).max(initial=0) <= cents

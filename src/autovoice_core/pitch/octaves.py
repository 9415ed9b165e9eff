"""The octave guard: short jumps by an octave are errors, long ones are music."""

from __future__ import annotations

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack

LONGEST = 0.15
"""Seconds: nobody sings a note an octave off for so short a time and comes back."""
APART = 0.1
"""Seconds: what is further away is no neighbour."""
JUMP = 0.5
"""Octaves from frame to frame that no voice glides."""
NEAR = 0.25
"""Octaves within which a stretch must fit its neighbours when it is pulled back."""


def guard_octaves(track: PitchTrack, *, fmin: float, fmax: float) -> PitchTrack:
    """Return ``track`` with short stretches an octave or more off pulled back to their neighbours.

    A stretch is a run of voiced frames without a jump of half an octave. It is pulled by whole
    octaves if it lasts at most :data:`LONGEST`, if the nearest frames of the longer stretches
    within :data:`APART` on either side agree on the octaves, and if it stays within ``fmin`` to
    ``fmax``, in Hz. With a neighbour on one side only, that one decides.
    """
    octaves = np.log2(np.where(track.voiced, track.f0, 1.0))
    pulled = octaves.copy()
    stretches = _stretches(octaves, track.voiced)
    lengths = [stop - start for start, stop in stretches]
    for i, (start, stop) in enumerate(stretches):
        if lengths[i] * track.hop > LONGEST:
            continue
        offsets = []
        for j, own, other in ((i - 1, start, -1), (i + 1, stop - 1, 0)):
            if not 0 <= j < len(stretches) or lengths[j] <= lengths[i]:
                continue
            edge = stretches[j][other] if other == 0 else stretches[j][1] - 1
            if abs(edge - own) * track.hop <= APART + track.hop:
                offsets.append(octaves[own] - octaves[edge])
        whole = {round(offset) for offset in offsets if abs(offset - round(offset)) <= NEAR}
        if len(whole) != 1 or any(abs(offset - round(offset)) > NEAR for offset in offsets):
            continue
        moved = octaves[start:stop] - whole.pop()
        if np.log2(fmin) <= moved.min() and moved.max() <= np.log2(fmax):
            pulled[start:stop] = moved
    changed = pulled != octaves
    return evolve(track, f0=np.where(changed, 2.0**pulled, track.f0))


def _stretches(octaves: NDArray[np.float64], voiced: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first frame and end of each run of voiced frames without a jump."""
    joined = voiced[1:] & voiced[:-1] & (np.abs(np.diff(octaves)) < JUMP)
    starts = np.flatnonzero(voiced & ~np.concatenate([[False], joined]))
    stops = np.flatnonzero(voiced & ~np.concatenate([joined, [False]])) + 1
    return list(zip(starts.tolist(), stops.tolist(), strict=True))

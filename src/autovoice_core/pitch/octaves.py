"""The octave guard: correction of short jumps by octaves, which are errors; long ones are music."""

from __future__ import annotations

import numpy as np
from attrs import evolve
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack

MAX_ERROR_SECONDS = 0.15
"""Seconds of the longest stretch that is corrected; a real octave leap lasts longer."""
MAX_GAP_SECONDS = 0.1
"""Seconds to the neighbour of a stretch at most."""
MIN_JUMP_OCTAVES = 0.5
"""Octaves from frame to frame that are a jump: more than a voice glides."""
TOLERANCE_OCTAVES = 0.25
"""Octaves within which a corrected stretch must fit its neighbours."""


def guard_octaves(track: PitchTrack, *, fmin: float, fmax: float) -> PitchTrack:
    """Return ``track`` with short stretches that are octaves off moved back to their neighbours.

    A stretch is a run of voiced frames without a jump of half an octave. It is moved by whole
    octaves if it lasts at most :data:`MAX_ERROR_SECONDS`, if the nearest frames of the longer
    stretches within :data:`MAX_GAP_SECONDS` on either side agree on the octaves, and if it stays
    within ``fmin`` to ``fmax``, in Hz. With a neighbour on one side only, that one decides.
    """
    octaves = np.log2(np.where(track.voiced, track.f0, 1.0))
    corrected = octaves.copy()
    stretches = _stretches(octaves, track.voiced)
    lengths = [stop - start for start, stop in stretches]
    for i, (start, stop) in enumerate(stretches):
        if lengths[i] * track.hop > MAX_ERROR_SECONDS:
            continue
        offsets = []
        for j, own, other in ((i - 1, start, -1), (i + 1, stop - 1, 0)):
            if not 0 <= j < len(stretches) or lengths[j] <= lengths[i]:
                continue
            edge = stretches[j][other] if other == 0 else stretches[j][1] - 1
            if abs(edge - own) * track.hop <= MAX_GAP_SECONDS + track.hop:
                offsets.append(octaves[own] - octaves[edge])
        whole = {round(offset) for offset in offsets}
        misfit = max((abs(offset - round(offset)) for offset in offsets), default=0.0)
        if len(whole) != 1 or misfit > TOLERANCE_OCTAVES:
            continue
        moved = octaves[start:stop] - whole.pop()
        if np.log2(fmin) <= moved.min() and moved.max() <= np.log2(fmax):
            corrected[start:stop] = moved
    changed = corrected != octaves
    return evolve(track, f0=np.where(changed, 2.0**corrected, track.f0))


def _stretches(octaves: NDArray[np.float64], voiced: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first frame and the end of each run of voiced frames without a jump."""
    joined = voiced[1:] & voiced[:-1] & (np.abs(np.diff(octaves)) < MIN_JUMP_OCTAVES)
    starts = np.flatnonzero(voiced & ~np.concatenate([[False], joined]))
    stops = np.flatnonzero(voiced & ~np.concatenate([joined, [False]])) + 1
    return list(zip(starts.tolist(), stops.tolist(), strict=True))

"""The f0 contour of a song: f0, voicing and phase at any time."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack
from autovoice_core.conversion.retrieval.frames import Track, asarray_like

FALLBACK_F0 = 200.0
"""Hz; used where a song has no pitch at all."""


class F0Contour:
    """A pitch track, interpolated across its gaps and transposed by ``key`` semitones.

    Between the track's frames f0 is linear, so its integral, the phase, is known exactly at every
    sample of the song and does not depend on how the song is cut into windows.
    """

    def __init__(self, pitch: PitchTrack, key: float = 0.0) -> None:
        voiced = np.asarray(pitch.voiced, bool) & (np.asarray(pitch.f0) > 0)
        self.times = pitch.times
        self.voiced = voiced
        self.hop, self.start = pitch.hop, pitch.start
        if voiced.any():
            known = np.log(pitch.f0[voiced])
            self.f0 = np.exp(np.interp(self.times, self.times[voiced], known))
        else:
            self.f0 = np.full(len(pitch), FALLBACK_F0)
        self.ratio = 2.0 ** (key / 12.0)
        steps = 0.5 * (self.f0[1:] + self.f0[:-1]) * self.hop * self.ratio
        self.cycles = np.concatenate([np.zeros(1), np.cumsum(steps)])

    def at(self, times: Track) -> tuple[Track, NDArray[np.bool_]]:
        """Return f0 before the transposition (Hz, never 0) and voicing at ``times`` (s)."""
        if not self.f0.size:
            return np.full(times.shape, FALLBACK_F0), np.zeros(times.shape, bool)
        nearest = np.rint((times - self.start) / self.hop).astype(np.int64)
        inside = (nearest >= 0) & (nearest < self.f0.size)
        voiced = inside & self.voiced[np.clip(nearest, 0, self.f0.size - 1)]
        return np.interp(times, self.times, self.f0), voiced

    def phase(self, times: Any) -> Any:
        """Return the integral of the transposed f0, in cycles, at ``times`` (s)."""
        if self.f0.size < 2:
            f0 = float(self.f0[0]) if self.f0.size else FALLBACK_F0
            return times * f0 * self.ratio
        xp, last_one = array_namespace(times), self.f0.size - 2
        f0, cycles = asarray_like(times, self.f0 * self.ratio), asarray_like(times, self.cycles)
        position = (times - self.start) / self.hop
        index = xp.astype(xp.clip(position, 0.0, float(last_one)), xp.int64)
        inside = xp.clip(position - xp.astype(index, xp.float64), 0.0, 1.0)
        first, last = xp.take(f0, index), xp.take(f0, index + 1)
        # Beyond the ends the outermost f0 continues.
        beyond = (position - xp.astype(index, xp.float64) - inside) * self.hop
        within = self.hop * inside * (first + 0.5 * inside * (last - first))
        return xp.take(cycles, index) + within + beyond * xp.where(beyond < 0, first, last)

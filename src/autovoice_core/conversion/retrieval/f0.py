"""The tune to be sung: f0, voicing and phase at any moment of the song."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack
from autovoice_core.conversion.retrieval.frames import beside

Track = NDArray[np.float64]

FRAME_RATE = 100
"""Frames a second of everything that is said about a voice over time."""

FALLBACK = 200.0
"""Hz; stands in where a song has no pitch at all."""


class Melody:
    """A pitch track, continued through its gaps, moved by ``key`` semitones.

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
            self.f0 = np.full(len(pitch), FALLBACK)
        self.ratio = 2.0 ** (key / 12.0)
        steps = 0.5 * (self.f0[1:] + self.f0[:-1]) * self.hop * self.ratio
        self.cycles = np.concatenate([np.zeros(1), np.cumsum(steps)])

    def at(self, times: Track) -> tuple[Track, NDArray[np.bool_]]:
        """Return f0 before the key (Hz, never 0) and voicing at ``times`` (s)."""
        if not self.f0.size:
            return np.full(times.shape, FALLBACK), np.zeros(times.shape, bool)
        nearest = np.rint((times - self.start) / self.hop).astype(np.int64)
        inside = (nearest >= 0) & (nearest < self.f0.size)
        voiced = inside & self.voiced[np.clip(nearest, 0, self.f0.size - 1)]
        return np.interp(times, self.times, self.f0), voiced

    def phase(self, times: Any) -> Any:
        """Return the integral of f0 after the key, in cycles, at ``times`` (s), where they lie."""
        if self.f0.size < 2:
            rate = float(self.f0[0]) if self.f0.size else FALLBACK
            return times * rate * self.ratio
        xp, last_one = array_namespace(times), self.f0.size - 2
        f0, known = beside(times, self.f0 * self.ratio), beside(times, self.cycles)
        where = (times - self.start) / self.hop
        index = xp.astype(xp.clip(where, 0.0, float(last_one)), xp.int64)
        inside = xp.clip(where - xp.astype(index, xp.float64), 0.0, 1.0)
        first, last = xp.take(f0, index), xp.take(f0, index + 1)
        # Beyond the ends the last f0 goes on.
        beyond = (where - xp.astype(index, xp.float64) - inside) * self.hop
        within = self.hop * inside * (first + 0.5 * inside * (last - first))
        return xp.take(known, index) + within + beyond * xp.where(beyond < 0, first, last)


def frame_centres(numbers: NDArray[np.int64], sample_rate: int) -> NDArray[np.int64]:
    """Return the sample positions in the song of frames by their numbers."""
    # Whole numbers: a half rounds up, and no frame drifts in a long song.
    return (2 * sample_rate * numbers + FRAME_RATE) // (2 * FRAME_RATE)


def dilate(flags: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """Return where a flag is set within ``frames`` on either side."""
    wide = np.convolve(flags.astype(np.int64), np.ones(2 * frames + 1, np.int64))
    result: NDArray[np.bool_] = wide[frames : frames + flags.size] > 0
    return result


def per_sample(track: Any, count: int, sample_rate: int) -> Any:
    """Interpolate tracks of frames linearly to ``count`` samples, the first on frame 0.

    Shape: ``(..., frames)`` -> ``(..., count)``, where the tracks lie; the last value goes on.
    """
    xp, on = array_namespace(track), device(track)
    last = track.shape[-1] - 1
    where = xp.arange(count, dtype=xp.float64, device=on) * (FRAME_RATE / sample_rate)
    where = xp.clip(where, 0.0, float(last))
    low = xp.astype(xp.clip(where, 0.0, float(max(last - 1, 0))), xp.int64)
    left = xp.take(track, low, axis=-1)
    right = xp.take(track, xp.clip(low + 1, 0, last), axis=-1)
    return (right - left) * (where - xp.astype(low, xp.float64)) + left

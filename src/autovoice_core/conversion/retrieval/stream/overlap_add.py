"""Sound from frames that come a few at a time: what is not finished yet is carried along."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.f0 import FALLBACK, FRAME_RATE, frame_centres
from autovoice_core.conversion.retrieval.filtering import HALF_FRAME, LEAST_WEIGHT, FrameGrid
from autovoice_core.conversion.retrieval.frames import beside
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mel_axis import TOP
from autovoice_core.conversion.retrieval.synthesis import harmonics, minimum_phase

BEHIND = round(HALF_FRAME * FRAME_RATE)
"""Frames after a sample that lie over it: with frame ``n``, all before frame ``n + 1 - BEHIND``
is finished."""

Track = NDArray[np.float64]


def stretch(first: int, count: int, sample_rate: int) -> NDArray[np.int64]:
    """Return the positions of ``count`` frames from ``first`` on."""
    return frame_centres(np.arange(first, first + count), sample_rate)


class Overlap:
    """Overlapping frames, added up."""

    def __init__(self, sample_rate: int, kernels: ConversionKernels) -> None:
        self._rate, self._kernels, self._next = sample_rate, kernels, 0
        self._tail: Any = None  # sums of frames and of windows, from the first unfinished sample

    def grid(self, count: int) -> FrameGrid:
        """Return a grid of the next frames, over as much as they cover."""
        centres = stretch(self._next, count, self._rate)
        half = round(HALF_FRAME * self._rate)
        begin, end = centres[0] - half, centres[-1] + half
        return FrameGrid(centres - begin, int(end - begin), self._rate, self._kernels)

    def begin(self) -> int:
        """Return the position of the first sample that the next frames cover."""
        return int(stretch(self._next, 1, self._rate)[0]) - round(HALF_FRAME * self._rate)

    def add(self, grid: FrameGrid, spectra: Any) -> Any:
        """Add the next frames, ``(channels, frames, bins)``, and return what they finish."""
        count = spectra.shape[1]
        edge, done = stretch(self._next - BEHIND, count + 1, self._rate)[[0, -1]]
        xp = array_namespace(spectra)
        both = xp.concat(grid.summed(spectra), axis=0)
        lead = xp.zeros(
            (both.shape[0], max(0, self.begin() - int(edge))), dtype=both.dtype, device=device(both)
        )
        both = xp.concat([lead, both[:, max(0, int(edge) - self.begin()) :]], axis=1)
        if self._tail is not None:
            size = self._tail.shape[1]
            both = xp.concat([both[:, :size] + self._tail, both[:, size:]], axis=1)
        size = int(done - edge)
        self._tail, self._next = both[:, size:], self._next + count
        finished = both[:-1, :size] / xp.clip(both[-1:, :size], LEAST_WEIGHT, None)
        return finished[:, max(0, -int(edge)) :]


class Tone:
    """Harmonics whose amplitudes move linearly from frame to frame, with a phase that goes on.

    Parameters
    ----------
    typical
        ``(1, POINTS)`` log power, whose minimum phase the harmonics have.
    lowest
        Hz, the lowest f0 that is sung.
    """

    def __init__(
        self, typical: Any, lowest: float, sample_rate: int, kernels: ConversionKernels
    ) -> None:
        xp = array_namespace(typical)
        self._rate, self._kernels, self._next = sample_rate, kernels, 0
        self._phases = minimum_phase(typical, sample_rate)
        most = max(1, int(min(0.49 * sample_rate, TOP) / lowest))
        like = xp.zeros((BEHIND, most), dtype=xp.float32, device=device(typical))
        self._parts = [like, like]
        self._f0, self._levels = np.full(BEHIND, FALLBACK), np.zeros(BEHIND)
        self._cycles = 0.0

    def harmonics(self, log_power: Any, f0: Track) -> tuple[Any, Any]:
        """Return the complex amplitudes of the harmonics of ``f0`` (Hz) under an envelope.

        Shape: ``(frames, POINTS)``, ``(frames,)`` on the host -> twice ``(frames, harmonics)``.
        """
        real, imaginary = harmonics(log_power, self._phases, f0, self._rate)
        return self._fitted(real), self._fitted(imaginary)

    def add(self, parts: tuple[Any, Any], f0: Track, levels: Track) -> Any:
        """Add the next frames and return what they finish.

        Shape: of :meth:`harmonics`, ``(frames,)`` Hz, ``(frames,)`` factors on the host ->
        ``(samples,)``.
        """
        xp, count = array_namespace(parts[0]), f0.size
        self._levels = np.append(self._levels, levels)
        self._f0 = np.append(self._f0, f0)
        level = beside(parts[0], levels)[:, None]
        self._parts = [
            xp.concat([old, level * new], axis=0)
            for old, new in zip(self._parts, parts, strict=True)
        ]
        phase = self._phase(count)
        if self._levels[: count + 1].any():
            real, imaginary = (part[: count + 1, :] for part in self._parts)
            phase = xp.asarray(phase, device=device(real))
            sound = self._kernels.oscillators(phase, real, imaginary, self._rate / FRAME_RATE)
        else:
            sound = beside(self._parts[0], 0.0 * phase)
        self._parts = [part[count:, :] for part in self._parts]
        self._f0, self._levels = self._f0[count:], self._levels[count:]
        begin = int(stretch(self._next - BEHIND, 1, self._rate)[0])
        self._next += count
        return sound[max(0, -begin) :]

    def _fitted(self, part: Any) -> Any:
        """Return amplitudes of as many harmonics as there are oscillators."""
        xp, most = array_namespace(part), self._parts[0].shape[1]
        part = xp.astype(part[:, :most], xp.float32)
        lacking = xp.zeros(
            (part.shape[0], most - part.shape[1]), dtype=part.dtype, device=device(part)
        )
        return xp.concat([part, lacking], axis=1)

    def _phase(self, count: int) -> Track:
        """Return the phase of every sample over the next ``count`` frames, in cycles."""
        places = stretch(self._next - BEHIND, count + 1, self._rate)
        pieces = []
        for i, size in enumerate(np.diff(places)):
            part = np.arange(size) / size
            first, last = self._f0[i], self._f0[i + 1]
            seconds = size / self._rate
            pieces.append(self._cycles + seconds * part * (first + 0.5 * part * (last - first)))
            # Whole cycles don't sound: without them hours lose no precision.
            self._cycles = (self._cycles + 0.5 * seconds * (first + last)) % 1.0
        return np.concatenate(pieces)

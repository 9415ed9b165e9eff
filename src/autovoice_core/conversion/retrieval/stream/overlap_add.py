"""Overlap-add and oscillators for frames that come a few at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.f0 import FALLBACK_F0
from autovoice_core.conversion.retrieval.filtering import (
    HALF_FRAME_SECONDS,
    MIN_WINDOW_SUM,
    FrameGrid,
)
from autovoice_core.conversion.retrieval.frames import (
    FRAME_RATE,
    Track,
    asarray_like,
    sample_positions,
)
from autovoice_core.conversion.retrieval.kernels import ConversionKernels
from autovoice_core.conversion.retrieval.mel_axis import MAX_FREQUENCY
from autovoice_core.conversion.retrieval.synthesis import harmonics, minimum_phase

OVERLAP_FRAMES = round(HALF_FRAME_SECONDS * FRAME_RATE)
"""Frames after a sample that overlap it: with frame ``n``, all before frame
``n + 1 - OVERLAP_FRAMES`` is finished."""


def _positions(first: int, count: int, sample_rate: int) -> NDArray[np.int64]:
    """Return the sample positions of ``count`` frames from ``first`` on."""
    return sample_positions(np.arange(first, first + count), sample_rate)


class StreamOverlapAdd:
    """Sums of overlapping frames, of which the unfinished part is carried on."""

    def __init__(self, sample_rate: int, kernels: ConversionKernels) -> None:
        self._rate, self._kernels, self._next = sample_rate, kernels, 0
        self._half = round(HALF_FRAME_SECONDS * sample_rate)
        self._tail: Any = None  # sums of frames and of windows, from the first unfinished sample

    def grid(self, count: int, like: Any) -> FrameGrid:
        """Return a grid of the next frames, over the samples that they cover, on a device."""
        centres = _positions(self._next, count, self._rate)
        begin, end = centres[0] - self._half, centres[-1] + self._half
        return FrameGrid(centres - begin, int(end - begin), self._rate, self._kernels, like)

    def begin(self) -> int:
        """Return the position of the first sample that the next frames cover."""
        return int(_positions(self._next, 1, self._rate)[0]) - self._half

    def add(self, grid: FrameGrid, spectra: Any) -> Any:
        """Add the next frames, ``(channels, frames, bins)``, and return the finished samples."""
        count = spectra.shape[1]
        edge, done = _positions(self._next - OVERLAP_FRAMES, count + 1, self._rate)[[0, -1]]
        xp = array_namespace(spectra)
        sums = xp.concat(grid.overlap_added(spectra), axis=0)
        lead = xp.zeros(
            (sums.shape[0], max(0, self.begin() - int(edge))), dtype=sums.dtype, device=device(sums)
        )
        sums = xp.concat([lead, sums[:, max(0, int(edge) - self.begin()) :]], axis=1)
        if self._tail is not None:
            size = self._tail.shape[1]
            sums = xp.concat([sums[:, :size] + self._tail, sums[:, size:]], axis=1)
        size = int(done - edge)
        self._tail, self._next = sums[:, size:], self._next + count
        finished = sums[:-1, :size] / xp.clip(sums[-1:, :size], MIN_WINDOW_SUM, None)
        return finished[:, max(0, -int(edge)) :]


class StreamOscillators:
    """Harmonics whose amplitudes move linearly from frame to frame, with a continuous phase.

    Parameters
    ----------
    phase_envelope
        ``(1, POINTS)`` log power, whose minimum phase the harmonics have.
    lowest_f0
        Hz, the lowest f0 to be sung.
    """

    def __init__(
        self, phase_envelope: Any, lowest_f0: float, sample_rate: int, kernels: ConversionKernels
    ) -> None:
        xp = array_namespace(phase_envelope)
        self._rate, self._kernels, self._next = sample_rate, kernels, 0
        self._phases = minimum_phase(phase_envelope, sample_rate)
        count = max(1, int(min(0.49 * sample_rate, MAX_FREQUENCY) / lowest_f0))
        silence = xp.zeros((OVERLAP_FRAMES, count), dtype=xp.float32, device=device(phase_envelope))
        self._parts = [silence, silence]
        self._f0, self._levels = np.full(OVERLAP_FRAMES, FALLBACK_F0), np.zeros(OVERLAP_FRAMES)
        self._cycles = 0.0

    def harmonics(self, log_power: Any, f0: Track) -> tuple[Any, Any]:
        """Return the complex amplitudes of the harmonics of ``f0`` (Hz) under an envelope.

        Shape: ``(frames, POINTS)``, ``(frames,)`` on the host -> twice ``(frames, harmonics)``.
        """
        real, imaginary = harmonics(log_power, self._phases, f0, self._rate)
        return self._padded(real), self._padded(imaginary)

    def add(self, parts: tuple[Any, Any], f0: Track, levels: Track) -> Any:
        """Add the next frames and return the finished samples.

        Shape: of :meth:`harmonics`, ``(frames,)`` Hz, ``(frames,)`` factors on the host ->
        ``(samples,)``.
        """
        xp, count = array_namespace(parts[0]), f0.size
        self._levels = np.append(self._levels, levels)
        self._f0 = np.append(self._f0, f0)
        level = asarray_like(parts[0], levels)[:, None]
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
            sound = asarray_like(self._parts[0], 0.0 * phase)
        self._parts = [part[count:, :] for part in self._parts]
        self._f0, self._levels = self._f0[count:], self._levels[count:]
        begin = int(_positions(self._next - OVERLAP_FRAMES, 1, self._rate)[0])
        self._next += count
        return sound[max(0, -begin) :]

    def _padded(self, part: Any) -> Any:
        """Return amplitudes of as many harmonics as there are oscillators."""
        xp, count = array_namespace(part), self._parts[0].shape[1]
        part = xp.astype(part[:, :count], xp.float32)
        missing = (part.shape[0], count - part.shape[1])
        zeros = xp.zeros(missing, dtype=part.dtype, device=device(part))
        return xp.concat([part, zeros], axis=1)

    def _phase(self, count: int) -> Track:
        """Return the phase of every sample over the next ``count`` frames, in cycles."""
        positions = _positions(self._next - OVERLAP_FRAMES, count + 1, self._rate)
        pieces = []
        for i, size in enumerate(np.diff(positions)):
            part = np.arange(size) / size
            first, last = self._f0[i], self._f0[i + 1]
            seconds = size / self._rate
            pieces.append(self._cycles + seconds * part * (first + 0.5 * part * (last - first)))
            # Whole cycles make no difference; without them hours lose no precision.
            self._cycles = (self._cycles + 0.5 * seconds * (first + last)) % 1.0
        return np.concatenate(pieces)

"""Reference kernels of retrieval in float64, written as they are defined."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class ReferenceConversionKernels:
    """:class:`~autovoice_core.conversion.retrieval.kernels.ConversionKernels`, slow and exact."""

    def nearest(
        self, queries: Any, references: Any, k: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Compare every query with every reference."""
        queries, references = np.asarray(queries, float), np.asarray(references, float)
        distances = np.zeros((len(queries), len(references)))
        for query, row in zip(queries, distances, strict=True):
            row[:] = np.sum((query - references) ** 2, axis=1)
        order = np.argsort(distances, axis=1, kind="stable")[:, :k]
        order = np.concatenate(
            [order, np.repeat(order[:, -1:], k - order.shape[1], axis=1)], axis=1
        )
        found = np.take_along_axis(distances, order, axis=1)
        return order, found.astype(np.float32)

    def cheapest_paths(self, local: Any, steps: Any) -> NDArray[np.int64]:
        """Follow, for every state, the cheapest path that leads to it."""
        local, steps = np.asarray(local, float), np.asarray(steps, float)
        paths, length, _ = local.shape
        result = np.zeros((paths, length), np.int64)
        for path in range(paths):
            cost = local[path, 0]
            origins = []
            for time in range(1, length):
                arrivals = cost[:, None] + steps[path, time - 1]
                origins.append(np.argmin(arrivals, axis=0))
                cost = np.min(arrivals, axis=0) + local[path, time]
            result[path, -1] = np.argmin(cost)
            for time in range(length - 1, 0, -1):
                result[path, time - 1] = origins[time - 1][result[path, time]]
        return result

    def oscillators(
        self, phase: Any, real: Any, imaginary: Any, spacing: float
    ) -> NDArray[np.float32]:
        """Sum the cosines of every sample."""
        amplitudes = np.asarray(real, float) + 1j * np.asarray(imaginary, float)
        frames, count = amplitudes.shape
        phase, signal = np.asarray(phase, float), np.zeros(len(phase), np.float32)
        # In parts, so that memory stays small.
        for part in np.array_split(np.arange(len(phase)), 1 + len(phase) // 4096):
            position = part / spacing
            low = np.minimum(position.astype(np.int64), frames - 2)
            share = (position - low)[:, None]
            now = (1 - share) * amplitudes[low] + share * amplitudes[low + 1]
            turns = phase[part, None] * np.arange(1, count + 1)
            signal[part] = np.sum((now * np.exp(2j * np.pi * (turns % 1.0))).real, axis=1)
        return signal

    def overlap_add(self, frames: Any, starts: Any, length: int) -> NDArray[np.float32]:
        """Add one frame after the other."""
        frames = np.asarray(frames, float)
        channels, _, size = frames.shape
        total = np.zeros((channels, length))
        for frame, start in enumerate(np.asarray(starts)):
            first, last = max(0, -start), min(size, length - start)
            if last > first:
                total[:, start + first : start + last] += frames[:, frame, first:last]
        return total.astype(np.float32)

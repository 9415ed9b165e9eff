"""The kernels of ``cuda/retrieval`` as CUDA C++, whose sources lie in this folder."""

from __future__ import annotations

from typing import Any

import numpy as np

from autovoice_core import InputError
from autovoice_cuda.kernels.machine import Machine

THREADS = 256
"""Threads of a block that works on samples, or on the references of one query."""
MAX_DISTANCES = 1 << 24
"""Distances held at a time: 64 MB."""
MAX_STATES = 1024
"""States of a path, of which each is a thread."""


class CudaConversionKernels:
    """:class:`~autovoice_core.conversion.retrieval.kernels.ConversionKernels` as CUDA C++."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._xp = machine.xp

    def nearest(self, queries: Any, references: Any, k: int) -> tuple[Any, Any]:
        """Find the ``k`` references nearest to each query, nearest first."""
        xp, count, total = self._xp, queries.shape[0], references.shape[0]
        index = xp.empty((count, k), dtype=xp.int64)
        distance = xp.empty((count, k), dtype=xp.float32)
        norms, query_norms = (xp.sum(rows * rows, axis=1) for rows in (references, queries))
        batch = max(1, MAX_DISTANCES // total)
        for first in range(0, count, batch):
            here = slice(first, min(first + batch, count))
            products = xp.matmul(queries[here, :], xp.matrix_transpose(references))
            self._launch(
                "unit_selection.cu",
                "nearest",
                (here.stop - first, 1),
                THREADS,
                8 * THREADS,
                *(products, norms, query_norms[here], np.int32(total), np.int32(k)),
                *(index[here, :], distance[here, :]),
            )
        return index, distance

    def cheapest_paths(self, local: Any, steps: Any) -> Any:
        """Find the cheapest path through each of several trellises (Viterbi)."""
        xp, (paths, length, states) = self._xp, local.shape
        if states > MAX_STATES:
            raise InputError(
                f"candidates: {states} of a frame are more than the {MAX_STATES} that this "
                "kernel compares; keep fewer"
            )
        local, steps = (xp.reshape(xp.asarray(costs), (-1,)) for costs in (local, steps))
        path = xp.empty((paths, length), dtype=xp.int64)
        width = -(-states // 32) * 32
        rows = min(8, 1024 // width)
        if paths:
            self._launch(
                "unit_selection.cu",
                "cheapest_path",
                (paths, 1),
                rows * width,
                8 * width + 12 * rows * width,
                *(local, steps, np.int32(length), np.int32(states), np.int32(width)),
                *(xp.empty((paths, length, states), dtype=xp.int16), path),
            )
        return path

    def oscillators(self, phase: Any, real: Any, imaginary: Any, spacing: float) -> Any:
        """Sum harmonics whose complex amplitudes move linearly from frame to frame."""
        xp, count, (frames, harmonics) = self._xp, phase.shape[0], real.shape
        signal = xp.empty(count, dtype=xp.float32)
        if count:
            self._launch(
                "synthesis.cu",
                "oscillate",
                (-(-count // THREADS), 1),
                THREADS,
                0,
                *(phase, np.int64(count), xp.reshape(real, (-1,)), xp.reshape(imaginary, (-1,))),
                *(np.int32(frames), np.int32(harmonics), np.float64(spacing), signal),
            )
        return signal

    def overlap_add(self, frames: Any, starts: Any, length: int) -> Any:
        """Add frames to a signal, each from its start; what lies outside is dropped."""
        xp, (channels, count, size) = self._xp, frames.shape
        signal = xp.empty((channels, length), dtype=xp.float32)
        order = np.argsort(starts, kind="stable")
        if length:
            self._launch(
                "synthesis.cu",
                "overlap_add",
                (-(-length // THREADS), channels),
                THREADS,
                0,
                *(xp.reshape(frames, (-1,)), np.int32(count), np.int32(size)),
                *(xp.asarray(np.asarray(starts, np.int64)[order]),),
                *(xp.asarray(order.astype(np.int32)), np.int64(length), signal),
            )
        return signal

    def _launch(
        self,
        source: str,
        kernel: str,
        grid: tuple[int, int],
        block: int,
        shared: int,
        *arguments: Any,
    ) -> None:
        self._machine.launch(source, kernel, (), grid, block, shared, *arguments)

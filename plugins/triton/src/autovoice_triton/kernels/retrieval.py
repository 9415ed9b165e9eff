"""The kernels of ``triton/retrieval``: Triton on torch tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
import triton

from autovoice_core import InputError
from autovoice_triton.kernels import synthesis, unit_selection

MAX_DISTANCES = 1 << 24
"""Distances held at a time: 64 MB."""
MAX_STATES = 128
"""States of a path; the costs of all steps between them lie in registers."""


class TritonConversionKernels:
    """:class:`~autovoice_core.conversion.retrieval.kernels.ConversionKernels` in Triton.

    Parameters
    ----------
    xp
        Array namespace of torch that makes its tensors on the device.
    """

    def __init__(self, xp: Any) -> None:
        self._xp = xp

    def nearest(self, queries: Any, references: Any, k: int) -> tuple[Any, Any]:
        """Find the ``k`` references nearest to each query, nearest first."""
        xp, count, total = self._xp, queries.shape[0], references.shape[0]
        index = xp.empty((count, k), dtype=xp.int64)
        distance = xp.empty((count, k), dtype=xp.float32)
        norms, query_norms = (xp.sum(rows * rows, axis=1) for rows in (references, queries))
        batch = max(1, MAX_DISTANCES // total)
        for first in range(0, count, batch):
            here = slice(first, min(first + batch, count))
            products = torch.matmul(queries[here], references.T).contiguous()
            unit_selection.nearest[(here.stop - first,)](
                *(products, norms, query_norms[here], total, k, index[here], distance[here]),
                BLOCK=min(1024, triton.next_power_of_2(total)),
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
        local, steps = (xp.asarray(costs).contiguous() for costs in (local, steps))
        path = xp.empty((paths, length), dtype=xp.int64)
        origins = xp.empty((paths, length, states), dtype=xp.int16)
        if paths:
            unit_selection.cheapest_path[(paths,)](
                *(local, steps, length, states, origins, path),
                STATES=triton.next_power_of_2(states),
                num_warps=8,
            )
        return path

    def oscillators(self, phase: Any, real: Any, imaginary: Any, spacing: float) -> Any:
        """Sum harmonics whose complex amplitudes move linearly from frame to frame."""
        xp, count, (frames, harmonics) = self._xp, phase.shape[0], real.shape
        signal = xp.empty((count,), dtype=xp.float32)
        if count:
            # By way of memory, since Triton takes numbers in single precision.
            apart = xp.asarray(np.array([spacing], np.float64))
            synthesis.oscillate[(triton.cdiv(count, 128),)](
                *(phase.contiguous(), count, real.contiguous(), imaginary.contiguous()),
                *(frames, harmonics, apart, signal),
                BLOCK=128,
                GROUP=8,
            )
        return signal

    def overlap_add(self, frames: Any, starts: Any, length: int) -> Any:
        """Add frames to a signal, each from its start; what lies outside is dropped."""
        xp, (channels, count, size) = self._xp, frames.shape
        if not count:
            return xp.zeros((channels, length), dtype=xp.float32)
        signal = xp.empty((channels, length), dtype=xp.float32)
        order = np.argsort(starts, kind="stable")
        if length:
            synthesis.overlap_add[triton.cdiv(length, 256), channels](
                *(frames.contiguous(), count, size),
                xp.asarray(np.asarray(starts, np.int64)[order]),
                *(xp.asarray(order.astype(np.int32)), length, signal),
                BLOCK=256,
                STEPS=count.bit_length(),
            )
        return signal

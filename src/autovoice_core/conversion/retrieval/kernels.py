"""The kernels that retrieval needs from a backend.

A kernel is a pure function of arrays. A backend supplies an object that has them; ``reference.py``
holds a slow float64 twin of each, against which every backend is tested.
"""

from __future__ import annotations

from typing import Any, Protocol


class ConversionKernels(Protocol):
    """The kernels of :mod:`autovoice_core.conversion.retrieval.retrieval`."""

    def nearest(self, queries: Any, references: Any, k: int) -> tuple[Any, Any]:
        """Find the ``k`` references nearest to each query, nearest first.

        Shape: ``(q, n)``, ``(r, n)`` float32 -> ``(q, k)`` int64, ``(q, k)`` float32 squared
        Euclidean distances. With fewer than ``k`` references the last one is repeated. Of equal
        distances the lower index comes first. Distances are exact to 1e-4 of the largest squared
        norm.
        """

    def cheapest_paths(self, local: Any, steps: Any) -> Any:
        """Find the cheapest path through each of several trellises (Viterbi).

        Shape: ``(paths, time, states)``, ``(paths, time - 1, states, states)`` float64 ->
        ``(paths, time)`` int64: the state at each time. ``steps[p, t, i, j]`` is the cost of going
        from ``i`` at ``t`` to ``j`` at ``t + 1``; costs may lie on the host. Of equal costs the
        lower state wins. Exact.
        """

    def oscillators(self, phase: Any, real: Any, imaginary: Any, spacing: float) -> Any:
        """Sum harmonics whose complex amplitudes move linearly from frame to frame.

        ``y[n] = sum over k of Re(c[n, k] exp(2 pi i (k + 1) phase[n]))``, where ``c[n]`` is
        interpolated between the frames at ``spacing`` samples, the first at sample 0.

        Shape: ``(n,)`` float64 cycles, ``(frames, harmonics)`` float32 twice, samples a frame ->
        ``(n,)`` float32. The frames reach to the last sample. Exact to 1e-5 of the sum of the
        amplitudes.
        """

    def overlap_add(self, frames: Any, starts: Any, length: int) -> Any:
        """Add frames to a signal, each from its start; what lies outside is dropped.

        Shape: ``(channels, frames, size)`` float32, ``(frames,)`` int64 on the host ->
        ``(channels, length)`` float32. Exact to 1e-6 of the largest sum.
        """

"""Tests of kernels against their slow float64 references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core._arrays import as_numpy
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.testing.contracts.common.contract import Contract, Place

Case = tuple[str, tuple[Any, ...], tuple[float, ...]]
"""A kernel's name, its arguments, and the largest error of each result, 0 for equality."""


class KernelParity(Contract):
    """Kernels of a backend whose spec needs them; others show none."""

    def test_kernels_agree_with_the_references(self, place: Place) -> None:
        inner = self.subject(place).inner
        kernels = resolve(self.kernels)() if self.kernels else getattr(inner, "kernels", None)
        if kernels is None or self.operation not in _CASES:
            pytest.skip("it has no kernels")
        xp = getattr(inner, "xp", np)
        rng = np.random.default_rng(0)
        for size in range(4):
            for name, arguments, bounds in _CASES[self.operation](rng, size):
                given = [xp.asarray(a) if isinstance(a, np.ndarray) else a for a in arguments]
                found = _as_tuple(getattr(kernels, name)(*given))
                expected = _as_tuple(getattr(_reference_kernels(self.operation), name)(*arguments))
                for one, other, bound in zip(found, expected, bounds, strict=True):
                    error = _max_error(as_numpy(one), np.asarray(other))
                    assert error <= bound, (
                        f"{self.backend}: kernel {name} is {error:.2g} off its reference; "
                        f"{bound:.2g} is allowed"
                    )


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _max_error(one: NDArray[Any], other: NDArray[Any]) -> float:
    if one.shape != other.shape:
        return float("inf")
    return float(np.abs(one.astype(np.float64) - other).max(initial=0.0))


def _reference_kernels(operation: str) -> Any:
    if operation == "pitch":
        from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

        return ReferencePitchKernels()
    from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels

    return ReferenceConversionKernels()


def _pitch_cases(rng: np.random.Generator, size: int) -> list[Case]:
    samples = rng.integers(-(1 << 23), 1 << 23, 500 + 333 * size).astype(np.int32)
    half = rng.integers(1, 900, 6 + size)
    taps = np.concatenate([half, [0], half[::-1]])
    taps[len(half)] = (1 << 15) - taps.sum()
    lags = 60 + 20 * size
    centres = np.sort(rng.choice(len(samples), 25, replace=False)).astype(np.int64)
    widths = (2 * (20 + np.arange(lags))).astype(np.int32)
    costs = np.arange(lags).astype(np.int32)
    frames, best = 30, 5
    score = rng.integers(-500, 4096, (frames, best)).astype(np.int32)
    score[rng.random(score.shape) < 0.1] = -(1 << 20)
    place = rng.integers(0, 4000, (frames, best)).astype(np.int32)
    voiced = rng.random(frames) < 0.8
    weights = np.array([1800, 700, 2000, 1500], np.int32)
    starts = np.array([0, 7, 7, 20], np.int64)
    signal = (2000 * np.sin(np.arange(len(samples)) / (5 + size))).astype(np.int32)
    return [
        ("decimate", (samples, taps.astype(np.int32), 2 + size), (0,)),
        ("correlate", (signal, centres, 20, widths, costs, best), (0, 1e-6)),
        ("correlate", (samples >> 8, centres, 20, widths, costs, best), (0, 1e-6)),
        ("decode", (score, place, voiced, weights, starts), (0,)),
    ]


def _conversion_cases(rng: np.random.Generator, size: int) -> list[Case]:
    queries, references = (rng.standard_normal((n, 12)).astype(np.float32) for n in (20, 90))
    frames, spacing = 10 + size, 40.0
    phase = np.cumsum(np.full(int(spacing * (frames - 1)), 0.013))
    real, imaginary = rng.standard_normal((2, frames, 6)).astype(np.float32)
    pieces = rng.standard_normal((2, frames, 64)).astype(np.float32)
    starts = (30 * np.arange(frames) - 50).astype(np.int64)
    largest = float(np.square(references.astype(np.float64)).sum(axis=1).max())
    return [
        ("nearest", (queries, references, 4), (0, 1e-4 * largest)),
        ("cheapest_paths", (rng.random((3, 9, 5)), rng.random((3, 8, 5, 5))), (0,)),
        ("oscillators", (phase, real, imaginary, spacing), (1e-5 * 12 * 4,)),
        ("overlap_add", (pieces, starts, 400), (1e-5,)),
    ]


_CASES = {"pitch": _pitch_cases, "conversion": _conversion_cases}

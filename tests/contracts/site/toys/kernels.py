"""Kernels that are wrong by a little."""

from __future__ import annotations

from typing import Any

from autovoice_core.recipes.reference.conversion import ReferenceConversionKernels
from autovoice_core.recipes.reference.pitch import ReferencePitchKernels
from autovoice_core.recipes.reference.separation import ReferenceSeparationKernels


class PitchRounds(ReferencePitchKernels):
    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        return super().decimate(samples, taps, factor) + (samples[::factor] > 8_000_000)


class SeparationRounds(ReferenceSeparationKernels):
    def median_of_frames(self, values: Any, frames: Any) -> Any:
        return super().median_of_frames(values, frames) + 2e-6


class ConversionRounds(ReferenceConversionKernels):
    def overlap_add(self, frames: Any, starts: Any, length: int) -> Any:
        return super().overlap_add(frames, starts, length) * (1 + 1e-4)

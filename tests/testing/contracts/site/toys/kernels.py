"""Kernels that are slightly wrong."""

from __future__ import annotations

from typing import Any

from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels


class PitchRounds(ReferencePitchKernels):
    def decimate(self, samples: Any, taps: Any, factor: int) -> Any:
        return super().decimate(samples, taps, factor) + (samples[::factor] > 8_000_000)


class ConversionRounds(ReferenceConversionKernels):
    def overlap_add(self, frames: Any, starts: Any, length: int) -> Any:
        return super().overlap_add(frames, starts, length) * (1 + 1e-4)

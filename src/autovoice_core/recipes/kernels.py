"""What a machine must do fast: the kernels that recipes are written against.

A kernel is a pure function of arrays. A backend supplies an object that has the kernels of an
operation; ``recipes.reference`` holds a slow float64 twin of each, by which every backend is
judged.
"""

from __future__ import annotations

from typing import Any, Protocol


class PitchKernels(Protocol):
    """The kernels of :mod:`autovoice_core.recipes.pitch`."""


class SeparationKernels(Protocol):
    """The kernels of :mod:`autovoice_core.recipes.separation`."""


class ConversionKernels(Protocol):
    """The kernels of :mod:`autovoice_core.recipes.conversion`."""

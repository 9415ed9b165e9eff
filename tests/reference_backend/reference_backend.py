"""A backend of core's own algorithms on NumPy and the slow reference kernels.

Core's tests run on it, and on no other, so that they prove that core needs no backend.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer weighted robust PCA."""
    yield _offer("wrpca", Quality.GOOD)


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer normalised cross-correlation."""
    yield _offer("nccf", Quality.GOOD, latency=0.05)


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer retrieval."""
    yield _offer("retrieval", Quality.BEST, latency=0.1)


def _offer(name: str, quality: Quality, latency: float | None = None) -> Offer:
    return Offer(
        name=name,
        load=f"reference_backend:open_{name}",
        devices=("cpu",),
        latency=latency,
        quality=quality,
        licence=Licence(code="MIT"),
        imports=("numpy",),
    )


def open_wrpca(*, device: str, dtype: str) -> Any:
    """Return the separator."""
    import array_api_compat.numpy as xp

    from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA

    return WeightedRobustPCA(xp)


def open_nccf(*, device: str, dtype: str, fmin: float = 50.0, fmax: float = 1100.0) -> Any:
    """Return the tracker."""
    import array_api_compat.numpy as xp

    from autovoice_core.pitch.nccf.nccf import Nccf
    from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

    return Nccf(xp, ReferencePitchKernels(), fmin=fmin, fmax=fmax)


def open_retrieval(*, device: str, dtype: str) -> Any:
    """Return the converter."""
    import array_api_compat.numpy as xp

    from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
    from autovoice_core.conversion.retrieval.stream.retrieval import StreamingRetrieval
    from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

    return StreamingRetrieval(xp, ReferenceConversionKernels(), ReferencePitchKernels())

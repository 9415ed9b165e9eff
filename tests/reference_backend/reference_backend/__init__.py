"""A backend of core's own algorithms on NumPy and the slow reference kernels.

Core's tests run on it alone, and so prove that core needs no other package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovoice_core import InputError
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


@hookimpl
def autovoice_speech_engines() -> Iterator[Offer]:
    """Offer the speller."""
    yield _offer("speller", Quality.GOOD)


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


def _check_place(device: str, dtype: str) -> None:
    if (device, dtype) != ("cpu", "float32"):
        raise InputError(
            f"the reference backend runs on cpu in float32, not on {device} in {dtype}"
        )


def open_wrpca(*, device: str, dtype: str) -> Any:
    """Return the separator."""
    _check_place(device, dtype)
    import array_api_compat.numpy as xp

    from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA

    return WeightedRobustPCA(xp)


def open_nccf(*, device: str, dtype: str, fmin: float = 40.0, fmax: float = 2000.0) -> Any:
    """Return the tracker."""
    _check_place(device, dtype)
    import array_api_compat.numpy as xp

    from autovoice_core.pitch.nccf.nccf import Nccf
    from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

    return Nccf(xp, ReferencePitchKernels(), fmin=fmin, fmax=fmax)


def open_retrieval(*, device: str, dtype: str) -> Any:
    """Return the converter."""
    _check_place(device, dtype)
    import array_api_compat.numpy as xp

    from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
    from autovoice_core.conversion.retrieval.stream.retrieval import LOWEST_F0, StreamingRetrieval
    from autovoice_core.pitch.nccf.nccf import Nccf
    from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

    pitch = Nccf(xp, ReferencePitchKernels(), fmin=LOWEST_F0)
    return StreamingRetrieval(xp, ReferenceConversionKernels(), pitch)


def open_speller(*, device: str, dtype: str) -> Any:
    """Return the speech engine."""
    _check_place(device, dtype)
    from reference_backend.speech import Speller

    return Speller()

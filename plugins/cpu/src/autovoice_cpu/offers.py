"""The offers of this package, which name implementations: reading them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl
from autovoice_cpu.settings import CrepeSettings, FcpeSettings


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer weighted robust PCA."""
    yield Offer(
        name="wrpca",
        load="autovoice_cpu.wrpca:open_wrpca",
        devices=("cpu",),
        quality=Quality.GOOD,
        licence=Licence(code="MIT"),
        probe="autovoice_cpu.wrpca:probe_wrpca",
    )


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer normalised cross-correlation and the SwiftF0 network; behind extras, CREPE and FCPE."""
    yield Offer(
        name="nccf",
        load="autovoice_cpu.nccf:open_nccf",
        devices=("cpu",),
        latency=0.05,
        quality=Quality.GOOD,
        licence=Licence(code="MIT"),
        imports=("numba",),
        probe="autovoice_cpu.nccf:probe_nccf",
    )
    yield Offer(
        name="swiftf0",
        load="autovoice_cpu.swiftf0:open_swiftf0",
        devices=("cpu",),
        latency=0.32,
        quality=Quality.BEST,
        licence=Licence(code="MIT", weights="MIT"),
        imports=("onnxruntime", "swift_f0"),
        probe="autovoice_cpu.swiftf0:probe_swiftf0",
    )
    yield Offer(
        name="crepe",
        load="autovoice_cpu.crepe:open_crepe",
        devices=("cpu",),
        quality=Quality.GOOD,
        licence=Licence(code="MIT", weights="MIT"),
        imports=("torch", "torchcrepe"),
        extra="crepe",
        probe="autovoice_cpu.crepe:probe_crepe",
        opt_in=True,
        settings=CrepeSettings,
    )
    yield Offer(
        name="fcpe",
        load="autovoice_cpu.fcpe:open_fcpe",
        devices=("cpu",),
        quality=Quality.BEST,
        licence=Licence(code="MIT", weights="MIT"),
        imports=("torch", "torchfcpe"),
        extra="fcpe",
        probe="autovoice_cpu.fcpe:probe_fcpe",
        opt_in=True,
        settings=FcpeSettings,
    )


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer conversion by retrieval of the target's own sounds."""
    yield Offer(
        name="retrieval",
        load="autovoice_cpu.retrieval:open_retrieval",
        devices=("cpu",),
        latency=0.1,
        quality=Quality.BEST,
        licence=Licence(code="MIT"),
        imports=("numba",),
        probe="autovoice_cpu.retrieval:probe_retrieval",
        reads=("retrieval/1",),
    )

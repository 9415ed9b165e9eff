"""The offers of this package, which name implementations: reading them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer weighted robust PCA."""
    yield Offer(
        name="wrpca",
        load="autovoice_triton.wrpca:open_wrpca",
        devices=("cuda",),
        quality=Quality.GOOD,
        licence=Licence(code="MIT"),
        imports=("torch", "triton"),
        probe="autovoice_triton.wrpca:probe_wrpca",
    )


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer normalised cross-correlation."""
    yield Offer(
        name="nccf",
        load="autovoice_triton.nccf:open_nccf",
        devices=("cuda",),
        latency=0.05,
        quality=Quality.GOOD,
        licence=Licence(code="MIT"),
        imports=("torch", "triton"),
        probe="autovoice_triton.nccf:probe_nccf",
    )


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer conversion by retrieval of the target's own sounds."""
    yield Offer(
        name="retrieval",
        load="autovoice_triton.retrieval:open_retrieval",
        devices=("cuda",),
        quality=Quality.BEST,
        licence=Licence(code="MIT"),
        imports=("torch", "triton"),
        probe="autovoice_triton.retrieval:probe_retrieval",
        reads=("retrieval/1",),
    )

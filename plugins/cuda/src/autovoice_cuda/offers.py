"""What this package offers. Imports nothing heavy: implementations are named, not imported."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends.hooks import hookimpl
from autovoice_core.backends.offer import Licence, Offer, Quality


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer normalised cross-correlation."""
    yield Offer(
        name="nccf",
        load="autovoice_cuda.pitch:open_nccf",
        devices=("cuda",),
        latency=0.05,
        quality=Quality.GOOD,
        licence=Licence(code="MIT"),
        imports=("cupy",),
        extra="cuda13",
        probe="autovoice_cuda.pitch:probe_nccf",
    )

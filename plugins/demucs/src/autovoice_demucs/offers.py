"""The offers of this package, which name implementations: reading them loads nothing heavy.

They claim the lowest tier of quality, as they have not been measured on the synthesised songs that
tiers are measured on; so they are used only when requested by name.
"""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, Weights, hookimpl
from autovoice_demucs.settings import DemucsSettings
from autovoice_demucs.weights import HTDEMUCS, HTDEMUCS_FT_VOCALS


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer the general network, and the one that was fine-tuned for vocals."""
    yield _offer("htdemucs", "open_htdemucs", HTDEMUCS)
    yield _offer("htdemucs-ft", "open_htdemucs_ft", HTDEMUCS_FT_VOCALS)


def _offer(name: str, factory: str, weights: Weights) -> Offer:
    return Offer(
        name=name,
        load=f"autovoice_demucs.htdemucs:{factory}",
        devices=("cuda", "cpu"),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT", weights=weights.licence),
        imports=("demucs", "torch"),
        weights=(weights,),
        probe="autovoice_demucs.htdemucs:probe",
        opt_in=True,
        settings=DemucsSettings,
    )

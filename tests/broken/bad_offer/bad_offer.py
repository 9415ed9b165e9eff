"""Names the implementation as Python would import it, not as the offer wants it."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, hookimpl


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    yield Offer(name="tracker", load="bad_offer.open_it", devices=("cpu",), licence=Licence("MIT"))

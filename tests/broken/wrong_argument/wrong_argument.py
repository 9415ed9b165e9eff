"""A hook that asks for what hooks don't get."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, hookimpl


@hookimpl
def autovoice_pitch_estimators(device: str) -> Iterator[Offer]:
    yield Offer(
        name="tracker", load="wrong_argument:open_it", devices=("cpu",), licence=Licence("MIT")
    )

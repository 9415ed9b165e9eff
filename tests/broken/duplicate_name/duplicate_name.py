"""Takes the name of another plugin."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, hookimpl


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    yield Offer(
        name="tracker", load="duplicate_name:open_it", devices=("cpu",), licence=Licence("MIT")
    )

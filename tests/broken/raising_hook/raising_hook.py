"""A hook that raises after its first offer."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, hookimpl


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    yield Offer(
        name="tracker", load="raising_hook:open_it", devices=("cpu",), licence=Licence("MIT")
    )
    raise RuntimeError("the driver is too old")

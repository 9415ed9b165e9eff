"""Misses a letter in the name of a hook."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, hookimpl


@hookimpl
def autovoice_pitch_estimator() -> Iterator[Offer]:
    yield Offer(
        name="tracker", load="misspelt_hook:open_it", devices=("cpu",), licence=Licence("MIT")
    )

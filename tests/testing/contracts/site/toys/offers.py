"""Offers of honest backends, and one for each lie."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovoice_core.backends import Licence, Offer, Quality, hookimpl
from toys.lies import LIES


def offer(name: str, load: str, **claims: Any) -> Offer:
    """Return an offer that claims little besides ``claims``."""
    facts = {
        "devices": ("cpu",),
        "quality": Quality.DRAFT,
        "licence": Licence(code="MIT"),
        "imports": ("autovoice_acf",),
    }
    return Offer(name=name, load=load, **{**facts, **claims})


def lies_of(operation: str) -> Iterator[Offer]:
    """Yield the lies of an operation."""
    for name, lie in LIES.items():
        if lie.operation == operation:
            yield offer(name, f"toys.factories:{name}", **lie.claims)


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer trackers."""
    yield offer("streaming", "toys.honest.pitch:open_streaming", latency=0.1)
    yield offer("looped", "toys.honest.pitch:open_looped")
    yield offer("unrated", "toys.honest.pitch:open_unrated", quality=Quality.UNRATED)
    for name in ("patient", "impatient", "stays_home", "breaks"):
        yield offer(name, f"toys.rocm:{name}", devices=("cpu", "rocm"))
    yield from lies_of("pitch")


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer separators."""
    yield offer("equaliser", "toys.honest.separation:open_equaliser", latency=0.02, imports=())
    yield offer(
        "looped-equaliser",
        "toys.honest.separation:open_looped_equaliser",
        latency=0.02,
        imports=(),
    )
    yield from lies_of("separation")


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer converters."""
    yield offer(
        "shifting",
        "toys.factories:open_shifting",
        latency=0.02,
        quality=Quality.GOOD,
        imports=("autovoice_acf", "reference_backend"),
    )
    yield from lies_of("conversion")


@hookimpl
def autovoice_speech_engines() -> Iterator[Offer]:
    """Offer speech engines."""
    yield from lies_of("speech")

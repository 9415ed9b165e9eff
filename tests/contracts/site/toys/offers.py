"""What is offered; every lie is an offer of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autovoice_core.backends import Licence, Offer, Quality, hookimpl
from toys.lies import LIES


def offer(name: str, load: str, **claims: Any) -> Offer:
    """Return an offer that claims little, but for ``claims``."""
    facts = {
        "devices": ("cpu",),
        "quality": Quality.DRAFT,
        "licence": Licence(code="MIT"),
        "imports": ("autovoice_acf",),
    }
    return Offer(name=name, load=load, **{**facts, **claims})


def lying(operation: str) -> Iterator[Offer]:
    """Yield the lies of an operation."""
    for name, lie in LIES.items():
        if lie.operation == operation:
            yield offer(name, f"toys.opening:{name}", **lie.claims)


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer trackers."""
    yield offer("streaming", "toys.honest:open_streaming", latency=0.1)
    yield offer("looped", "toys.honest:open_looped")
    for name in ("patient", "impatient", "stays_home", "breaks"):
        yield offer(name, f"toys.devices:{name}", devices=("cpu", "rocm"))
    yield from lying("pitch")


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer separators."""
    yield offer("equaliser", "toys.honest:open_equaliser", latency=0.02)
    yield offer("looped-equaliser", "toys.honest:open_looped_equaliser", latency=0.02)
    yield from lying("separation")


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer converters."""
    yield offer(
        "shifting",
        "toys.opening:open_shifting",
        latency=0.02,
        quality=Quality.GOOD,
        imports=("autovoice_acf", "autovoice_cpu"),
    )
    yield from lying("conversion")

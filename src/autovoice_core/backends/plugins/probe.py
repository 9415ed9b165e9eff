"""Loading what offers name as ``"module:name"``, and running their probes."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from typing import Any

from autovoice_core.backends.containment import contained, is_from_signal_handler, known_interrupts
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.wording import describe_error, describe_trace


def resolve(target: str) -> Any:
    """Return what ``"module:name"`` names, importing the module."""
    module, _, name = target.partition(":")
    return attrgetter(name)(import_module(module))


def run_probe(entry: Entry, device: str) -> Reason | None:
    """Return why ``entry`` does not work on ``device``, or None if its probe succeeds."""
    if entry.offer.probe is None:
        return None
    try:
        with (
            known_interrupts(),
            contained(f"{entry.name} ({entry.distribution})", f"in its probe on {device}"),
        ):
            resolve(entry.offer.probe)(device)
    except BaseException as error:  # what it raises is its answer
        if is_from_signal_handler(error):
            raise
        text = f"failed its probe on {device}: {describe_error(error)}"
        # The call here is no part of it.
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        return Reason("probe", "failed", text, describe_trace(error.with_traceback(trace)))
    return None

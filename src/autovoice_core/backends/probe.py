"""Loading what offers name as ``"module:name"``, and running their probes."""

from __future__ import annotations

from importlib import import_module
from operator import attrgetter
from traceback import format_exception
from typing import Any

from autovoice_core.backends.containment import contained
from autovoice_core.backends.entry import Entry
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.wording import describe_error


def resolve(target: str) -> Any:
    """Return what ``"module:name"`` names, importing the module."""
    module, _, name = target.partition(":")
    return attrgetter(name)(import_module(module))


def run_probe(entry: Entry, device: str) -> Reason | None:
    """Return why ``entry`` does not work on ``device``, or None if its probe succeeds."""
    if entry.offer.probe is None:
        return None
    try:
        with contained(f"{entry.name} ({entry.distribution})", f"in its probe on {device}"):
            resolve(entry.offer.probe)(device)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # what it raises is its answer
        text = f"failed its probe on {device}: {describe_error(error)}"
        # The call here is no part of it.
        trace = error.__traceback__.tb_next if error.__traceback__ else None
        return Reason(
            "probe", "failed", text, "".join(format_exception(error.with_traceback(trace)))
        )
    return None

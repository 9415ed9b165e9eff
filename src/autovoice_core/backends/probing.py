"""Runs probes and loads what offers name; a probe runs once a process for offer and device."""

from __future__ import annotations

import threading
from importlib import import_module
from operator import attrgetter
from typing import Any

from autovoice_core.backends.catalogue import Entry
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.wording import described

_lock = threading.RLock()
_results: dict[tuple[Entry, str], Reason | None] = {}


def resolve(target: str) -> Any:
    """Return what ``"module:name"`` names, importing the module."""
    module, _, name = target.partition(":")
    return attrgetter(name)(import_module(module))


def probe(entry: Entry, device: str) -> Reason | None:
    """Return why ``entry`` does not work on ``device``, or None if its probe went through."""
    if entry.offer.probe is None:
        return None
    with _lock:
        if (entry, device) not in _results:
            _results[entry, device] = _run(entry.offer.probe, device)
        return _results[entry, device]


def reset() -> None:
    """Forget what probes found; for tests."""
    with _lock:
        _results.clear()


def _run(target: str, device: str) -> Reason | None:
    try:
        resolve(target)(device)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # what it raises is its answer
        return Reason("probe", "failed", f"failed its probe on {device}: {described(error)}")
    return None

"""Look-up of backends in the catalogue, with a message where one is not there."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from autovoice_core.backends.offer import OPERATIONS, Operation
from autovoice_core.backends.plugins.entry import Catalogue, Entry
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.backends.wording import did_you_mean


def entry_of(backend: str, operation: Operation) -> Entry:
    """Return the catalogue's entry of a backend."""
    for entry in _catalogue(backend).of(operation):
        if entry.name == backend:
            return entry
    raise pytest.Collector.CollectError(_unknown(backend, operation))


def check_names(names: Iterable[str]) -> None:
    """Raise an error for the first name that is not among the offers."""
    for name in names:
        if not any(entry.name == name for entry in _catalogue(name).offers):
            raise pytest.UsageError(f"--autovoice-backend: {_unknown(name)}")


def is_offered(backend: str, operation: Operation) -> bool:
    """Return whether a backend is offered for an operation."""
    return any(entry.name == backend for entry in _catalogue(backend).of(operation))


def label(backend: str) -> str:
    """Return a backend's name with its version, e.g. ``"cpu/nccf 0.1.0"``."""
    for entry in _catalogue(backend).offers:
        if entry.name == backend:
            return f"{backend} {entry.distribution.rpartition(' ')[2]}"
    return backend


def _catalogue(backend: str) -> Catalogue:
    """Return the catalogue with the plugin of a backend, which need not be enabled."""
    return catalogue([backend.partition("/")[0]])


def _unknown(backend: str, operation: Operation | None = None) -> str:
    operations = OPERATIONS if operation is None else (operation,)
    names = [entry.name for one in operations for entry in catalogue().of(one)]
    plugin = backend.partition("/")[0]
    faults = [str(fault) for fault in catalogue().faults if fault.plugin == plugin]
    known = f"known are {', '.join(names)}" if names else "none is installed"
    offers = f"the offers for {operation}" if operation else "the offers"
    hint = "" if faults else did_you_mean(backend, names)
    return f"backend {backend!r} is not among {offers}{hint}: {'; '.join([*faults, known])}"

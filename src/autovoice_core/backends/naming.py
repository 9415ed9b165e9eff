"""Backends asked for by name, and where the name came from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import frozen

from autovoice_core._errors import UnknownBackend
from autovoice_core.backends.catalogue import Catalogue
from autovoice_core.backends.offer import Operation
from autovoice_core.backends.wording import nearest


@frozen
class Asked:
    """A full name, and its origin as the end of ``"named by ..."``."""

    name: str
    origin: str


_names: ContextVar[dict[str, Asked] | None] = ContextVar("autovoice_names", default=None)


@contextmanager
def using(
    *, separation: str | None = None, pitch: str | None = None, conversion: str | None = None
) -> Iterator[None]:
    """Name the backends to use inside a ``with`` block.

    Holds for the thread or asyncio task that entered the block; a name given to
    :func:`~autovoice_core.select` itself comes first, the environment last.
    """
    names = {"separation": separation, "pitch": pitch, "conversion": conversion}
    given = {
        operation: Asked(name, f"using({operation}=...)")
        for operation, name in names.items()
        if name is not None
    }
    with in_force(given):
        yield


@contextmanager
def in_force(names: Mapping[str, Asked]) -> Iterator[None]:
    """Put names in force that came from elsewhere, such as a command line's options."""
    token = _names.set((_names.get() or {}) | dict(names))
    try:
        yield
    finally:
        _names.reset(token)


def asked_for(operation: Operation, name: str | None) -> Asked | None:
    """Return the name that counts: the argument's, else ``using()``'s, else the environment's."""
    if name is not None:
        return Asked(name, "the argument")
    asked = (_names.get() or {}).get(operation)
    if asked is not None:
        return asked
    variable = f"AUTOVOICE_{operation.upper()}"
    name = os.environ.get(variable, "").strip()
    return Asked(name, f"the environment variable {variable}") if name else None


def unknown(operation: Operation, asked: Asked, catalogue: Catalogue) -> UnknownBackend:
    """Return the error of a name that is not among the offers, with what it may have meant."""
    names = [entry.name for entry in catalogue.of(operation)]
    hints = [
        f"{entry.name} is for {entry.operation}"
        for entry in catalogue.offers
        if entry.name == asked.name
    ]
    plugin = asked.name.partition("/")[0]
    hints += [str(fault) for fault in catalogue.faults if fault.plugin == plugin]
    # Who leaves the plugin out means the offer: "nccf" is nearer to "cpu/nccf" than it looks.
    tails = {name.partition("/")[2]: name for name in names}
    guess = "" if hints else nearest(tails.get(asked.name, asked.name), names)
    known = f"known are {', '.join(names)}" if names else "none is installed"
    return UnknownBackend(
        f"backend {asked.name!r}, named by {asked.origin}, is not among the offers "
        f"for {operation}{guess}: {'; '.join([*hints, known])}"
    )

"""What is installed: entry points become one frozen catalogue of offers and faults."""

from __future__ import annotations

import os
import threading
import warnings

from attrs import frozen

from autovoice_core._errors import PluginError, PluginWarning
from autovoice_core.backends.offer import Offer, Operation


@frozen
class Entry:
    """An offer in its place: who offers what under which full name."""

    name: str
    operation: Operation
    distribution: str
    offer: Offer


@frozen
class Fault:
    """A plugin that was left out.

    Attributes
    ----------
    plugin, distribution
        Name of the entry point, and package and version that declare it.
    kind
        ``"load"``, ``"api"``, ``"hook"``, ``"offer"``, ``"duplicate"`` or ``"blocked"``.
    text
        The cause and the remedy.
    traceback
        Where it happened, empty if nothing was raised.
    """

    plugin: str
    distribution: str
    kind: str
    text: str
    traceback: str = ""

    def __str__(self) -> str:
        return f"plugin {self.plugin!r} ({self.distribution}) was left out: {self.text}"


@frozen
class Catalogue:
    """Every offer and every plugin that was left out, in order of name."""

    offers: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()

    def of(self, operation: Operation) -> tuple[Entry, ...]:
        """Return the offers of one operation."""
        return tuple(entry for entry in self.offers if entry.operation == operation)


_lock = threading.RLock()
_built: Catalogue | None = None
_building = False


def catalogue() -> Catalogue:
    """Return what is installed; found once a process, by whichever thread comes first.

    The environment is read then: ``AUTOVOICE_BLOCK`` (names of plugins, or ``all``) keeps
    plugins from being imported, ``AUTOVOICE_STRICT=1`` raises the first fault.

    Raises
    ------
    LoadFault, ApiMismatch, BadOffer, PluginError
        A plugin is broken and ``AUTOVOICE_STRICT=1``.
    """
    global _built, _building
    with _lock:
        if _built is not None:
            return _built
        if _building:
            raise PluginError(
                "a plugin asked for a backend while plugins were being loaded; "
                "its entry point may only name offers"
            )
        from autovoice_core.backends.discovery import discover

        _building = True
        try:
            found = _built = discover(
                block=os.environ.get("AUTOVOICE_BLOCK", ""),
                strict=os.environ.get("AUTOVOICE_STRICT", "") not in {"", "0"},
            )
        finally:
            _building = False
    for fault in found.faults:
        if fault.kind != "blocked":
            warnings.warn(f"{fault}; see `autovoice doctor`", PluginWarning, stacklevel=2)
    return found


def reset() -> None:
    """Forget what was found, so that the next call looks again; for tests."""
    global _built
    with _lock:
        _built = None

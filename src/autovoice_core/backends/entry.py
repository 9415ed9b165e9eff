"""Entries, faults and the catalogue of both: what discovery makes of the installed plugins."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends.device import Device
from autovoice_core.backends.offer import Offer, Operation
from autovoice_core.backends.own_devices import OWN_DEVICES


@frozen
class Entry:
    """An offer with its full name, its operation and the distribution that makes it."""

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
    """Every offer and every plugin that was left out, in order of name.

    ``devices`` are the kinds of device that core and the plugins know, fastest first.
    """

    offers: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    devices: tuple[Device, ...] = OWN_DEVICES

    def of(self, operation: Operation) -> tuple[Entry, ...]:
        """Return the offers of one operation."""
        return tuple(entry for entry in self.offers if entry.operation == operation)

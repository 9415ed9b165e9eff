"""Entries, faults and the catalogue of both: what discovery makes of the installed plugins."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.backends.device import Device
from autovoice_core.backends.offer import Offer, Operation
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.plugin import Plugin


@frozen
class Entry:
    """An offer with its full name, its operation and the distribution that makes it.

    ``enabled`` is False for one of a plugin that the user has not enabled: it is used by name only.
    """

    name: str
    operation: Operation
    distribution: str
    offer: Offer
    enabled: bool = True

    @property
    def plugin(self) -> str:
        """Name of the plugin that makes it, the first half of its own."""
        return self.name.partition("/")[0]


@frozen
class Fault:
    """A plugin that was left out.

    Attributes
    ----------
    plugin, distribution
        Name of the entry point, and package and version that declare it.
    kind
        ``"load"``, ``"api"``, ``"hook"`` or ``"offer"`` if it is broken, ``"duplicate"`` or
        ``"reserved"`` if its name is another's, ``"disabled"`` or ``"blocked"`` by choice,
        ``"unknown"`` if the environment names it and there is none of that name.
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

    @property
    def by_choice(self) -> bool:
        """Whether the user left it out, or has not let it in, and nothing is wrong."""
        return self.kind in {"blocked", "disabled"}

    def __str__(self) -> str:
        return f"plugin {self.plugin!r} ({self.distribution}) was left out: {self.text}"


@frozen
class Catalogue:
    """Every offer and every plugin that was left out, in order of name.

    ``devices`` are the kinds of device that core and the plugins know, fastest first; ``plugins``
    are all that are installed, also those that were not loaded.
    """

    offers: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    devices: tuple[Device, ...] = OWN_DEVICES
    plugins: tuple[Plugin, ...] = ()

    def of(self, operation: Operation) -> tuple[Entry, ...]:
        """Return the offers of one operation."""
        return tuple(entry for entry in self.offers if entry.operation == operation)

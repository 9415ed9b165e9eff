"""The registry: what was discovered, probed and warned of, each of it once."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from importlib import invalidate_caches
from typing import Any

from autovoice_core._errors import AutoVoiceWarning, PluginError, PluginWarning
from autovoice_core._variables import variable_switch
from autovoice_core.backends.device import Device
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.plugins.discovery import Discovery
from autovoice_core.backends.plugins.entry import Catalogue, Entry
from autovoice_core.backends.plugins.host import Host, inspect_host
from autovoice_core.backends.plugins.probe import run_probe
from autovoice_core.backends.weights import Weights

STRICT_VARIABLE = "AUTOVOICE_STRICT"
"""Environment variable by which the first broken plugin is an error, where it is on."""
MAX_CHOICES = 256
"""Choices that are remembered."""


class Registry:
    """The catalogue, results of probes, choices, and warnings given; safe to share by threads.

    A process has one, which :func:`current_registry` returns. A test makes its own and puts it
    in force by :func:`using_registry`.

    Parameters
    ----------
    catalogue
        The offers there are; by default those of the installed plugins, discovered on first use.
    host
        The machine that offers are compared with; by default this one, as it is at each call.
    """

    def __init__(self, catalogue: Catalogue | None = None, host: Host | None = None) -> None:
        self._given, self._host = catalogue, host
        self._discovery: Discovery | None = None
        self._named: frozenset[str] = frozenset()
        self._catalogue = catalogue
        self._is_discovering = False
        self._discovery_lock = threading.RLock()
        self._probe_results: dict[tuple[Entry, str], Reason | None] = {}
        self._probe_lock = threading.RLock()
        self._warnings: set[str] = set()
        self._warnings_lock = threading.Lock()
        self._choices: dict[Hashable, Any] = {}

    def catalogue(self, plugins: Iterable[str] = (), *, stacklevel: int = 1) -> Catalogue:
        """Return the catalogue, discovered by whichever thread comes first.

        See :func:`catalogue` for what is read, raised and warned of.
        """
        with self._discovery_lock:
            named = self._named.union(plugins)
            if self._catalogue is not None:
                # Of a name that no plugin has nothing is loaded, and clients may send any number.
                named = named.intersection(plugin.name for plugin in self._catalogue.plugins)
                if self._given or named == self._named:
                    return self._catalogue
            if self._is_discovering:
                raise PluginError(
                    "a plugin asked for a backend while plugins were being loaded; "
                    "its entry point may only name offers"
                )
            self._is_discovering = True
            try:
                strict = variable_switch(STRICT_VARIABLE)
                discovery = self._discovery or Discovery(strict=strict)
                found = discovery.catalogue(named)
            finally:
                self._is_discovering = False
            self._discovery, self._catalogue = discovery, found
            self._named = named.intersection(plugin.name for plugin in found.plugins)
        for fault in found.faults:
            if not fault.by_choice:
                text = f"{fault}; see `autovoice doctor`"
                self.warn_once(text, PluginWarning, stacklevel=stacklevel + 1)
        return found

    def refresh(self) -> None:
        """Forget what was discovered, probed and chosen, so that it is found anew."""
        invalidate_caches()
        with self._discovery_lock:
            self._discovery, self._catalogue = None, self._given
        with self._probe_lock:
            self._probe_results.clear()
        self.forget_choices()

    def choices(self) -> dict[Hashable, Any]:
        """Return what was chosen before, by what was asked, for the caller to add to."""
        choices = self._choices
        if len(choices) >= MAX_CHOICES:
            choices.clear()
        return choices

    def forget_choices(self) -> None:
        """Let everything be chosen anew, as this machine has other weights now, say."""
        # A new one: a thread that is choosing still keeps its result in the old one.
        self._choices = {}

    def host(
        self,
        devices: Iterable[Device],
        modules: Iterable[str] = (),
        weights: Iterable[Weights] = (),
        libraries: Iterable[str] = (),
    ) -> Host:
        """Return the host: which ``devices`` it has, and what it lacks of the others."""
        return self._host or inspect_host(devices, modules, weights, libraries)

    def probe(self, entry: Entry, device: str) -> Reason | None:
        """Return why ``entry`` does not work on ``device``, or None if its probe succeeds.

        A probe runs once for each offer and device.
        """
        with self._probe_lock:
            if (entry, device) not in self._probe_results:
                self._probe_results[entry, device] = run_probe(entry, device)
            return self._probe_results[entry, device]

    def warn_once(self, text: str, category: type[AutoVoiceWarning], *, stacklevel: int) -> None:
        """Warn, unless the same was said before."""
        with self._warnings_lock:
            is_new = text not in self._warnings
            self._warnings.add(text)
        if is_new:
            warnings.warn(text, category, stacklevel=stacklevel + 1)


_current = Registry()


def current_registry() -> Registry:
    """Return the registry of this process."""
    return _current


@contextmanager
def using_registry(registry: Registry) -> Iterator[Registry]:
    """Put ``registry`` in force for the whole process, all its threads, inside a ``with`` block."""
    global _current
    outer, _current = _current, registry
    try:
        yield registry
    finally:
        _current = outer


def catalogue(plugins: Iterable[str] = ()) -> Catalogue:
    """Return the plugins that are enabled or were named, each loaded once a process.

    The environment is read at the first call: ``AUTOVOICE_PLUGINS`` (names of plugins or
    distributions, or ``all``) enables plugins, ``AUTOVOICE_BLOCK`` (names of plugins, or ``all``)
    keeps them from being imported, ``AUTOVOICE_STRICT=1`` raises the first fault.

    Parameters
    ----------
    plugins
        Names of plugins that are loaded though they are not enabled.

    Raises
    ------
    LoadFault, ApiMismatch, BadOffer, PluginError
        A plugin is broken and ``AUTOVOICE_STRICT=1``.
    InputError
        The file of plugins that the user enabled is damaged, or ``AUTOVOICE_STRICT`` is neither on
        nor off.

    Warns
    -----
    PluginWarning
        A plugin was left out, though the user did not want it to be.
    """
    return _current.catalogue(plugins, stacklevel=2)


def refresh() -> None:
    """Forget what was discovered, probed and chosen, so that the next call finds it anew.

    For a program in which plugins are installed, enabled or disabled, or hardware or weights come
    and go, while it runs. Modules that were imported stay as they are.
    """
    _current.refresh()

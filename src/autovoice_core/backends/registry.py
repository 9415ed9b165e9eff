"""The registry: what was discovered, probed and warned of, each of it once."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from autovoice_core._errors import AutoVoiceWarning, PluginError, PluginWarning
from autovoice_core.backends.device import Device
from autovoice_core.backends.discovery import discover
from autovoice_core.backends.entry import Catalogue, Entry
from autovoice_core.backends.host import Host, inspect_host
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.probe import run_probe
from autovoice_core.backends.weights import Weights


class Registry:
    """The catalogue, the results of probes, and the warnings given; safe to share by threads.

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
        self._catalogue, self._host = catalogue, host
        self._is_discovering = False
        self._discovery_lock = threading.RLock()
        self._probe_results: dict[tuple[Entry, str], Reason | None] = {}
        self._probe_lock = threading.RLock()
        self._warnings: set[str] = set()
        self._warnings_lock = threading.Lock()

    def catalogue(self, *, stacklevel: int = 1) -> Catalogue:
        """Return the catalogue, discovered by whichever thread comes first.

        See :func:`catalogue` for what is read, raised and warned of.
        """
        with self._discovery_lock:
            if self._catalogue is not None:
                return self._catalogue
            if self._is_discovering:
                raise PluginError(
                    "a plugin asked for a backend while plugins were being loaded; "
                    "its entry point may only name offers"
                )
            self._is_discovering = True
            try:
                found = self._catalogue = discover(
                    block=os.environ.get("AUTOVOICE_BLOCK", ""),
                    strict=os.environ.get("AUTOVOICE_STRICT", "") not in {"", "0"},
                )
            finally:
                self._is_discovering = False
        for fault in found.faults:
            if fault.kind != "blocked":
                text = f"{fault}; see `autovoice doctor`"
                warnings.warn(text, PluginWarning, stacklevel=stacklevel + 1)
        return found

    def host(
        self,
        devices: Iterable[Device],
        modules: Iterable[str] = (),
        weights: Iterable[Weights] = (),
    ) -> Host:
        """Return the host: which ``devices`` it has, and ``modules`` and ``weights`` it lacks."""
        return self._host or inspect_host(devices, modules, weights)

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


def catalogue() -> Catalogue:
    """Return what is installed, discovered once a process.

    The environment is read then: ``AUTOVOICE_BLOCK`` (names of plugins, or ``all``) keeps
    plugins from being imported, ``AUTOVOICE_STRICT=1`` raises the first fault.

    Raises
    ------
    LoadFault, ApiMismatch, BadOffer, PluginError
        A plugin is broken and ``AUTOVOICE_STRICT=1``.

    Warns
    -----
    PluginWarning
        A plugin was left out.
    """
    return _current.catalogue(stacklevel=2)

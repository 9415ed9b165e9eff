"""Operations of converting a song that nobody serves here, by the plugin that is to serve them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from importlib.util import find_spec
from shlex import quote

from autovoice_core.backends.offer import PLUGINS, SONG_OPERATIONS, Operation
from autovoice_core.backends.plugins.discovery import BLOCK_VARIABLE
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.plugin import normalised
from autovoice_core.backends.plugins.trust import split_names
from autovoice_core.cli._availability import Availability
from autovoice_core.cli.doctor.finding import Finding


def check_operations(
    offers: Iterable[Availability], catalogue: Catalogue, installed: Collection[str] = ()
) -> Iterator[Finding]:
    """Yield what keeps songs from being converted, once for all operations that lack a backend.

    ``installed`` are the names of all distributions.
    """
    offers = list(offers)
    served = {item.entry.operation for item in offers if item.usable}
    lacking: dict[str, list[Operation]] = {}
    for operation in SONG_OPERATIONS:
        if operation not in served:
            lacking.setdefault(PLUGINS[operation], []).append(operation)
    for package, operations in lacking.items():
        text = f"no backend can do {_listed(operations)} here"
        fault = next((item for item in catalogue.faults if _package(item) == package), None)
        broken = _broken_imports(offers, package, operations, installed)
        if broken:
            names = " and ".join(broken)
            why = f"{names}, which {package} needs, can't be imported"
            remedy = f"pip install --force-reinstall {' '.join(broken)}"
            yield Finding("no-backend", "problem", f"{text}, as {why}", remedy)
        elif fault is None:
            install = f"{text}; install one, such as {package}"
            yield Finding("no-backend", "problem", install, f"pip install {package}")
        elif fault.by_choice:
            who = f"the plugin {fault.plugin!r} of {package}"
            blocked = fault.kind == "blocked"
            why = f"{BLOCK_VARIABLE} blocks {who}" if blocked else f"{who} is disabled"
            remedy = _unblocked(fault) if blocked else f"autovoice plugins enable {package}"
            yield Finding("no-backend", "problem", f"{text}, as {why}", remedy)
        # That a plugin is broken is a finding of its own.


def _broken_imports(
    offers: Iterable[Availability],
    package: str,
    operations: Collection[Operation],
    installed: Collection[str],
) -> list[str]:
    """Return the distributions that are installed, and whose modules a plugin's offers lack."""
    own = [
        item.entry.offer
        for item in offers
        if normalised(item.entry.distribution.partition(" ")[0]) == package
        and item.entry.operation in operations
    ]
    modules = [module for offer in own for module in offer.imports if find_spec(module) is None]
    return sorted({name for module in modules if (name := normalised(module)) in installed})


def _package(fault: Fault) -> str:
    return normalised(fault.distribution.partition(" ")[0])


def _unblocked(fault: Fault) -> str:
    """Return the command that blocks the others alone that are blocked."""
    names = split_names(os.environ.get(BLOCK_VARIABLE, ""))
    own = {normalised(fault.plugin), _package(fault), "all"}
    rest = sorted(name for name in names if normalised(name) not in own)
    return f"export {BLOCK_VARIABLE}={quote(','.join(rest))}" if rest else f"unset {BLOCK_VARIABLE}"


def _listed(operations: list[Operation]) -> str:
    *others, last = operations
    return f"{', '.join(others)} or {last}" if others else last

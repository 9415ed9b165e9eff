"""Operations of converting a song that nobody serves here, by the plugin that is to serve them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from shlex import quote

from autovoice_core.backends.offer import PLUGINS, SONG_OPERATIONS, Operation
from autovoice_core.backends.plugins.discovery import BLOCK_VARIABLE
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.plugin import normalised
from autovoice_core.backends.plugins.trust import split_names
from autovoice_core.cli._availability import Availability
from autovoice_core.cli.doctor.finding import Finding


def check_operations(offers: Iterable[Availability], catalogue: Catalogue) -> Iterator[Finding]:
    """Yield what keeps songs from being converted, once for all operations that lack a backend."""
    served = {item.entry.operation for item in offers if item.usable}
    lacking: dict[str, list[Operation]] = {}
    for operation in SONG_OPERATIONS:
        if operation not in served:
            lacking.setdefault(PLUGINS[operation], []).append(operation)
    for package, operations in lacking.items():
        text = f"no backend can do {_listed(operations)} here"
        fault = next((item for item in catalogue.faults if _package(item) == package), None)
        if fault is None:
            install = f"{text}; install one, such as {package}"
            yield Finding("no-backend", "problem", install, f"pip install {package}")
        elif fault.by_choice:
            who = f"the plugin {fault.plugin!r} of {package}"
            blocked = fault.kind == "blocked"
            why = f"{BLOCK_VARIABLE} blocks {who}" if blocked else f"{who} is disabled"
            remedy = _unblocked(fault) if blocked else f"autovoice plugins enable {package}"
            yield Finding("no-backend", "problem", f"{text}, as {why}", remedy)
        # That a plugin is broken is a finding of its own.


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

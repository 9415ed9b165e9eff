"""Backends that a caller names: by an argument, :func:`using` or the environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

from attrs import frozen

from autovoice_core._arguments import as_text
from autovoice_core._errors import UnknownBackend
from autovoice_core._printable import shortened
from autovoice_core._variables import variable_text
from autovoice_core.backends.choice.given_settings import by_operation, using_settings
from autovoice_core.backends.offer import Operation
from autovoice_core.backends.plugins.declared import OURS
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.settings import Value
from autovoice_core.backends.wording import did_you_mean

MAX_NAME = 200
"""Most characters of a name that is unknown which a message repeats."""


@frozen
class NamedBackend:
    """The full name of a backend, and its origin as the end of ``"named by ..."``."""

    name: str
    origin: str


_in_force: ContextVar[dict[str, NamedBackend] | None] = ContextVar(
    "autovoice_named_backends", default=None
)


@contextmanager
def using(
    *,
    separation: str | None = None,
    pitch: str | None = None,
    conversion: str | None = None,
    speech: str | None = None,
    settings: Mapping[str, Value] | None = None,
) -> Iterator[None]:
    """Name the backends to use, and their settings, inside a ``with`` block.

    ``settings`` are keyed by operation and name, e.g. ``{"separation.overlap": 0.5}``. All hold
    for the thread or asyncio task that entered the block; what is given to
    :func:`~autovoice_core.select` itself comes first, the environment last.

    Raises
    ------
    InputError
        A name is not text, or a key of ``settings`` names no operation.
    """
    names = {
        "separation": separation,
        "pitch": pitch,
        "conversion": conversion,
        "speech": speech,
    }
    given = {
        operation: NamedBackend(
            as_text(operation, name, example="cpu/nccf"), f"using({operation}=...)"
        )
        for operation, name in names.items()
        if name is not None
    }
    knobs = by_operation(settings or {}, "using(settings=...)")
    with using_named(given), using_settings(knobs):
        yield


@contextmanager
def using_named(names: Mapping[str, NamedBackend]) -> Iterator[None]:
    """Put names in force by operation, whatever their origin, inside a ``with`` block."""
    token = _in_force.set((_in_force.get() or {}) | dict(names))
    try:
        yield
    finally:
        _in_force.reset(token)


def find_named(operation: Operation, name: str | None) -> NamedBackend | None:
    """Return the name in force: the argument's, else ``using()``'s, else the environment's."""
    if name is not None:
        return NamedBackend(as_text("backend", name, example="cpu/nccf"), "the argument")
    named = (_in_force.get() or {}).get(operation)
    if named is not None:
        return named
    variable = f"AUTOVOICE_{operation.upper()}"
    name = variable_text(variable)
    return NamedBackend(name, f"the environment variable {variable}") if name else None


def absence(plugin: str, catalogue: Catalogue) -> str:
    """Return why a plugin offers nothing, and what to do, as a clause that begins with "which"."""
    fault = next((fault for fault in catalogue.faults if fault.plugin == plugin), None)
    if fault is None or all(found.name != plugin for found in catalogue.plugins):
        how = (
            f"`pip install ./plugins/{plugin}` in the checkout" if plugin in OURS else "install it"
        )
        return f"which is not installed; {how}"
    if fault.kind == "disabled":
        return f"which is not enabled; run `autovoice plugins enable {plugin}`"
    if fault.kind == "blocked":
        return f"which is blocked ({fault.text}); change that variable"
    return f"which was left out: {fault.text}"


def absent_owner(name: str, catalogue: Catalogue) -> str | None:
    """Return the known plugin that a name begins with, and why it offers nothing; else None."""
    plugin = name.partition("/")[0]
    left_out = OURS | {fault.plugin for fault in catalogue.faults}
    if plugin not in left_out - {entry.plugin for entry in catalogue.offers}:
        return None
    owner = f"autovoice-{plugin}" if plugin in OURS else plugin
    return f"the plugin {owner}, {absence(plugin, catalogue)}"


def unknown_backend(
    operation: Operation, named: NamedBackend, catalogue: Catalogue
) -> UnknownBackend:
    """Return the error for a name that is not among the offers, with what may have been meant."""
    names = [entry.name for entry in catalogue.of(operation)]
    hints = [
        f"{entry.name} is for {entry.operation}"
        for entry in catalogue.offers
        if entry.name == named.name
    ]
    plugin = named.name.partition("/")[0]
    hints += [str(fault) for fault in catalogue.faults if fault.plugin == plugin]
    if not hints and (owner := absent_owner(named.name, catalogue)):
        hints.append(f"it is of {owner}")
    # A short name is completed first: "nccf" means "cpu/nccf", though it looks unlike it.
    full_names = {name.partition("/")[2]: name for name in names}
    guess = "" if hints else did_you_mean(full_names.get(named.name, named.name), names)
    known = f"known are {', '.join(names)}" if names else "none is installed"
    name = shortened(named.name, MAX_NAME)
    return UnknownBackend(
        f"backend {name!r}, named by {named.origin}, is not among the offers "
        f"for {operation}{guess}: {'; '.join([*hints, known])}"
    )

"""Discovery of plugins: entry points become a catalogue, each plugin loaded and called alone.

pluggy checks the hooks and collects them. Every plugin has a manager of its own, because one
that raises, or whose hooks don't match, would spoil a shared one for all.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, EntryPoint, distributions
from traceback import format_exception
from typing import Any, TypeVar

import pluggy
from attrs import frozen

from autovoice_core._errors import ApiMismatch, BadOffer, LoadFault, PluginError
from autovoice_core.backends import hooks
from autovoice_core.backends.device import Device, in_order
from autovoice_core.backends.entry import Catalogue, Entry, Fault
from autovoice_core.backends.offer import NAME, Offer
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.wording import describe_error, did_you_mean

PREFIX = "autovoice.v"
GROUP = f"{PREFIX}1"

_ERRORS: dict[str, type[PluginError]] = {"load": LoadFault, "api": ApiMismatch, "offer": BadOffer}


_Record = TypeVar("_Record", Offer, Device)


class _LeftOut(Exception):  # a signal inside this module, never seen outside it
    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


@frozen
class _Declared:
    """An entry point, and the distribution that declares it as ``"name version"``."""

    point: EntryPoint
    distribution: str
    unreadable: Exception | None = None


def discover(*, block: str = "", strict: bool = False) -> Catalogue:
    """Load every plugin that is installed and not blocked.

    Parameters
    ----------
    block
        Names of plugins that must not be imported, with commas; ``"all"`` blocks every one.
    strict
        Raise the first fault instead of recording it.

    Raises
    ------
    LoadFault, ApiMismatch, BadOffer, PluginError
        A plugin is broken and ``strict`` is set.
    """
    blocked = {name.strip() for name in block.split(",")} - {""}
    declared = _declared()
    owners: dict[str, str] = {}
    offers: list[Entry] = []
    devices: list[Device] = []
    faults: list[Fault] = []
    for item in declared:
        try:
            _check_admissible(item, blocked, owners)
            entries, kinds = _records(item)
            offers += entries
            devices += kinds
        except _LeftOut as left:
            cause = left.__cause__
            trace = "".join(format_exception(cause)) if cause else ""
            fault = Fault(item.point.name, item.distribution, left.kind, left.text, trace)
            if strict and fault.kind != "blocked":
                raise _ERRORS.get(fault.kind, PluginError)(str(fault)) from cause
            faults.append(fault)
    names = {item.point.name for item in declared}
    for name in sorted(blocked - names - {"all"}):
        hint = did_you_mean(name, names)
        text = f"AUTOVOICE_BLOCK names it, but no such plugin is installed{hint}"
        faults.append(Fault(name, "not installed", "blocked", text))
    return Catalogue(
        tuple(sorted(offers, key=lambda entry: entry.name)),
        tuple(faults),
        in_order(OWN_DEVICES, devices),
    )


def _declared() -> list[_Declared]:
    """Return the entry points of every version of the plugin API, in order of name."""
    found: dict[tuple[str, str], list[_Declared]] = {}
    for distribution in distributions():
        for item in _entry_points(distribution):
            # A distribution is seen twice where two folders of sys.path hold it: the first counts.
            key = (item.distribution.partition(" ")[0], item.point.name)
            items = found.setdefault(key, [])
            if not items or items[0].distribution == item.distribution:
                items.append(item)
    # A plugin may declare several versions of the API; ours, if it is among them, speaks for it.
    chosen = (min(items, key=lambda item: item.point.group != GROUP) for items in found.values())
    return sorted(chosen, key=lambda item: (item.point.name, item.distribution))


def _entry_points(distribution: Distribution) -> Iterator[_Declared]:
    # The text is looked at first: asking every distribution for its entry points reads much
    # more, and a malformed file of a package that is not a plugin does not concern us.
    try:
        if PREFIX not in (distribution.read_text("entry_points.txt") or ""):
            return
    except (OSError, UnicodeDecodeError):
        return
    name = _name(distribution)
    try:
        points = [point for point in distribution.entry_points if point.group.startswith(PREFIX)]
    except Exception as error:  # noqa: BLE001  # importlib.metadata trips over it in many ways
        yield _Declared(EntryPoint(name.partition(" ")[0], "", GROUP), name, error)
        return
    yield from (_Declared(point, name) for point in points)


def _name(distribution: Distribution) -> str:
    try:
        data = distribution.metadata.json
        return f"{data.get('name', 'unnamed')} {data.get('version', 'unversioned')}"
    except Exception:  # noqa: BLE001  # METADATA is gone or garbled
        return "unnamed unversioned"


def _check_admissible(item: _Declared, blocked: set[str], owners: dict[str, str]) -> None:
    """Refuse a plugin that must not even be imported."""
    name, group = item.point.name, item.point.group
    if blocked & {name, "all"}:
        text = "AUTOVOICE_BLOCK names it" if name in blocked else "AUTOVOICE_BLOCK is 'all'"
        raise _LeftOut("blocked", text)
    if item.unreadable is not None:
        text = f"its entry points can't be read ({describe_error(item.unreadable)}); reinstall it"
        raise _LeftOut("load", text) from item.unreadable
    if group != GROUP:
        outdated = "autovoice-core" if group > GROUP else item.distribution.partition(" ")[0]
        text = f"it is written for plugin API {group}, but this is {GROUP}; update {outdated}"
        raise _LeftOut("api", text)
    if not NAME.fullmatch(name) or name == "all":
        text = "its name may hold letters, digits, '.', '_' and '-' only, and not be 'all'"
        raise _LeftOut("hook", text)
    owner = owners.setdefault(name, item.distribution)
    if owner != item.distribution:
        text = f"{owner} has a plugin of that name already; uninstall one of the two"
        raise _LeftOut("duplicate", text)


def _records(item: _Declared) -> tuple[list[Entry], list[Device]]:
    """Import a plugin, check its hooks, call them, and return its offers and devices."""
    name = item.point.name
    with _left_out_on_error("importing it"):
        plugin = item.point.load()
    with _left_out_on_error("reading its hooks"):
        _check_hooks(plugin)
        manager = pluggy.PluginManager(hooks.PROJECT)
        manager.add_hookspecs(hooks)
        manager.register(plugin, name)
    entries: dict[tuple[str, str], Entry] = {}
    devices: list[Device] = []
    for caller in manager.get_hookcallers(plugin) or ():
        for hook in caller.get_hookimpls():
            if caller.name == hooks.DEVICES_HOOK:
                with _left_out_on_error(f"{caller.name}()"):
                    devices += _call_hook(caller.name, hook, Device)
                continue
            operation = hooks.HOOKS[caller.name]
            with _left_out_on_error(f"{caller.name}()"):
                offers = _call_hook(caller.name, hook, Offer)
            for offer in offers:
                full = f"{name}/{offer.name}"
                if (operation, full) in entries:
                    raise _LeftOut("offer", f"{caller.name}() offers {offer.name!r} twice")
                entries[operation, full] = Entry(full, operation, item.distribution, offer)
    return list(entries.values()), devices


@contextmanager
def _left_out_on_error(what: str) -> Iterator[None]:
    """Turn whatever a plugin raises into the reason why it is left out."""
    try:
        yield
    except (KeyboardInterrupt, _LeftOut):
        raise
    except BadOffer as error:
        raise _LeftOut("offer", str(error)) from error
    except pluggy.PluginValidationError as error:
        text = f"a hook is not as specified: {_last_sentence(error)}; hooks take no arguments"
        raise _LeftOut("hook", text) from error
    except BaseException as error:
        # SystemExit too: a plugin can't end the program.
        raise _LeftOut("load", f"{what} raised {describe_error(error)}") from error


def _last_sentence(error: pluggy.PluginValidationError) -> str:
    """Return the fault itself; pluggy names plugin and hook on the lines before."""
    return str(error).strip().splitlines()[-1]


def _check_hooks(plugin: Any) -> None:
    """Refuse functions that look like hooks but would be ignored silently."""
    known = (*hooks.HOOKS, hooks.DEVICES_HOOK)
    hook_found = False
    for name, value in inspect.getmembers(plugin, inspect.isroutine):
        options = getattr(value, f"{hooks.PROJECT}_impl", None)
        if options is None and not name.startswith(f"{hooks.PROJECT}_"):
            continue
        hook = (options or {}).get("specname") or name
        if hook not in known:
            raise _LeftOut("hook", f"its {hook}() is not a hook{did_you_mean(hook, known)}")
        if options is None:
            raise _LeftOut("hook", f"its {name}() is not marked with @hookimpl")
        if options["wrapper"] or options["hookwrapper"]:
            raise _LeftOut("hook", f"its {name}() is a hook wrapper; yield offers instead")
        hook_found = True
    if not hook_found:
        raise _LeftOut("hook", f"it has no hook; write one of {', '.join(known)}")


def _call_hook(name: str, hook: pluggy.HookImpl, kind: type[_Record]) -> list[_Record]:
    result = hook.function()
    if not isinstance(result, Iterable):
        raise BadOffer(f"{name}() returned {result!r}; yield {kind.__name__}s")
    records = list(result)
    for record in records:
        if not isinstance(record, kind):
            raise BadOffer(f"{name}() yielded {record!r}, which is no {kind.__name__}")
    return records

"""From entry points to a catalogue: each plugin is loaded and called alone.

pluggy checks the hooks and collects them. Every plugin has a manager of its own, because one
that raises, or whose hooks don't match, would spoil a shared one for all.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, EntryPoint, distributions
from traceback import format_exception
from typing import Any

import pluggy
from attrs import frozen

from autovoice_core._errors import ApiMismatch, BadOffer, LoadFault, PluginError
from autovoice_core.backends import hooks
from autovoice_core.backends.catalogue import Catalogue, Entry, Fault
from autovoice_core.backends.offer import NAME, Offer
from autovoice_core.backends.wording import described, nearest

PREFIX = "autovoice.v"
GROUP = f"{PREFIX}1"

_ERRORS: dict[str, type[PluginError]] = {"load": LoadFault, "api": ApiMismatch, "offer": BadOffer}


class _LeftOut(Exception):  # a signal inside this module, no error of its own
    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


@frozen
class _Declared:
    """An entry point, and the distribution that declares it as ``"name version"``."""

    point: EntryPoint
    distribution: str


def discover(*, block: str = "", strict: bool = False) -> Catalogue:
    """Load every plugin that is installed and not blocked.

    Parameters
    ----------
    block
        Names of plugins that must not be imported, with commas; ``"all"`` blocks every one.
    strict
        Raise the first fault instead of recording it.
    """
    blocked = {name.strip() for name in block.split(",")} - {""}
    declared = _declared()
    owners: dict[str, str] = {}
    offers: list[Entry] = []
    faults: list[Fault] = []
    for item in declared:
        try:
            _admit(item, blocked, owners)
            offers += _offers(item)
        except _LeftOut as left:
            cause = left.__cause__
            trace = "".join(format_exception(cause)) if cause else ""
            fault = Fault(item.point.name, item.distribution, left.kind, left.text, trace)
            if strict and fault.kind != "blocked":
                raise _ERRORS.get(fault.kind, PluginError)(str(fault)) from cause
            faults.append(fault)
    names = {item.point.name for item in declared}
    for name in sorted(blocked - names - {"all"}):
        text = f"AUTOVOICE_BLOCK names it, but no such plugin is installed{nearest(name, names)}"
        faults.append(Fault(name, "not installed", "blocked", text))
    return Catalogue(tuple(sorted(offers, key=lambda entry: entry.name)), tuple(faults))


def _declared() -> list[_Declared]:
    """Return the entry points of every version of the plugin API, in order of name."""
    found: dict[tuple[str, str], list[_Declared]] = {}
    for distribution in distributions():
        for point in _entry_points(distribution):
            name = f"{distribution.name} {distribution.version}"
            # A distribution is seen twice where two folders of sys.path hold it: the first counts.
            first = found.setdefault((distribution.name, point.name), [])
            if not first or first[0].distribution == name:
                first.append(_Declared(point, name))
    # A plugin may declare several versions of the API; ours, if it is among them, speaks for it.
    chosen = (min(items, key=lambda item: item.point.group != GROUP) for items in found.values())
    return sorted(chosen, key=lambda item: (item.point.name, item.distribution))


def _entry_points(distribution: Distribution) -> Iterator[EntryPoint]:
    # The text is looked at first: asking every distribution for its entry points reads much
    # more, and a malformed file of a package that is no plugin is no business of ours.
    if PREFIX not in (distribution.read_text("entry_points.txt") or ""):
        return
    yield from (point for point in distribution.entry_points if point.group.startswith(PREFIX))


def _admit(item: _Declared, blocked: set[str], owners: dict[str, str]) -> None:
    """Refuse what must not even be imported."""
    name, group = item.point.name, item.point.group
    if blocked & {name, "all"}:
        raise _LeftOut(
            "blocked", "AUTOVOICE_BLOCK names it" if name in blocked else "AUTOVOICE_BLOCK=all"
        )
    if group != GROUP:
        newer = group.removeprefix(PREFIX) > "1"
        remedy = "update autovoice-core" if newer else f"update {item.distribution.split()[0]}"
        text = f"it is written for plugin API {group}, this is {GROUP}; {remedy}"
        raise _LeftOut("api", text)
    if not NAME.fullmatch(name) or name == "all":
        text = "its name may hold letters, digits, '.', '_' and '-' only, and not be 'all'"
        raise _LeftOut("hook", text)
    owner = owners.setdefault(name, item.distribution)
    if owner != item.distribution:
        text = f"{owner} has a plugin of that name already; uninstall one of them"
        raise _LeftOut("duplicate", text)


def _offers(item: _Declared) -> list[Entry]:
    """Import a plugin, check its hooks and call them."""
    name = item.point.name
    plugin = _guarded("importing it", item.point.load)
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    _check_names(plugin)
    try:
        manager.register(plugin, name)
    except pluggy.PluginValidationError as error:
        text = f"{described(error).partition(': ')[2]}; hooks of {GROUP} take no arguments"
        raise _LeftOut("hook", text) from error
    entries: dict[tuple[str, str], Entry] = {}
    for caller in manager.get_hookcallers(plugin) or ():
        for hook in caller.get_hookimpls():
            if hook.wrapper or hook.hookwrapper:
                raise _LeftOut("hook", f"{caller.name} is a hook wrapper; yield offers only")
            operation = hooks.HOOKS[caller.name]
            for offer in _guarded(f"hook {caller.name}", lambda call=hook.function: _called(call)):
                full = f"{name}/{offer.name}"
                if (operation, full) in entries:
                    raise _LeftOut("offer", f"{caller.name} offers {offer.name!r} twice")
                entries[operation, full] = Entry(full, operation, item.distribution, offer)
    return list(entries.values())


def _guarded(what: str, call: Any) -> Any:
    try:
        return call()
    except (KeyboardInterrupt, _LeftOut):
        raise
    except BadOffer as error:
        raise _LeftOut("offer", str(error)) from error
    except BaseException as error:  # SystemExit too: a plugin can't end the program
        raise _LeftOut("load", f"{what} raised {described(error)}") from error


def _called(hook: Any) -> list[Offer]:
    result = hook()
    if not isinstance(result, Iterable):
        raise BadOffer(f"{hook.__name__} returned {result!r}; yield Offers")
    offers = list(result)
    for offer in offers:
        if not isinstance(offer, Offer):
            raise BadOffer(f"{hook.__name__} yielded {offer!r}, which is no Offer")
    return offers


def _check_names(plugin: Any) -> None:
    """Refuse functions that look like hooks and would be passed over in silence."""
    marker = f"{hooks.PROJECT}_impl"
    known = 0
    for name, value in inspect.getmembers(plugin, inspect.isroutine):
        options = getattr(value, marker, None)
        if options is None and not name.startswith(f"{hooks.PROJECT}_"):
            continue
        hook = (options or {}).get("specname") or name
        if hook not in hooks.HOOKS:
            raise _LeftOut("hook", f"it has {hook}(), which is no hook{nearest(hook, hooks.HOOKS)}")
        if options is None:
            raise _LeftOut("hook", f"its {name}() is not marked with @hookimpl")
        known += 1
    if not known:
        raise _LeftOut("hook", f"{getattr(plugin, '__name__', plugin)!r} has no hook")

"""Loading of a plugin: it is imported, its hooks are checked and called, and all of it alone.

pluggy checks the hooks and collects them. A plugin is registered only while it is called, because
one that raises, or whose hooks don't match, would spoil the manager for all.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import pluggy
from attrs import frozen

from autovoice_core._errors import BadOffer, PluginWarning
from autovoice_core._printable import quoted, shortened
from autovoice_core.backends.containment import contained, is_from_signal_handler
from autovoice_core.backends.containment.few_warnings import few_warnings
from autovoice_core.backends.containment.waiting import Waiting
from autovoice_core.backends.device import Device
from autovoice_core.backends.newer_fields import ignored
from autovoice_core.backends.offer import Offer
from autovoice_core.backends.plugins import hooks
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.plugin import Plugin, load
from autovoice_core.backends.wording import describe_error, did_you_mean

_Record = TypeVar("_Record", Offer, Device)

MAX_RECORDS = 1000
"""Most that a hook may yield: one that never ends is a fault."""


class LeftOut(Exception):
    """A plugin is left out: a signal to discovery, never seen outside it."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = shortened(text)  # it may quote what a plugin made


@frozen
class Loaded:
    """The offers and the kinds of device of a plugin."""

    offers: tuple[Entry, ...] = ()
    devices: tuple[Device, ...] = ()


def new_manager() -> pluggy.PluginManager:
    """Return a manager that knows the hooks, for :func:`load_plugin`."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    return manager


def load_plugin(plugin: Plugin, manager: pluggy.PluginManager, waiting: Waiting) -> Loaded:
    """Import a plugin, check its hooks and call them.

    Raises
    ------
    LeftOut
        Something is wrong with it.
    """
    who = f"plugin {plugin.name!r} ({plugin.distribution})"
    with ignored() as newer:
        loaded = _load(plugin, who, manager, waiting)
    _tell_newer(newer, who)
    return loaded


def _load(plugin: Plugin, who: str, manager: pluggy.PluginManager, waiting: Waiting) -> Loaded:
    with (
        waiting.for_plugin(f"{plugin.name!r} ({plugin.distribution})"),
        contained(who, "while it was imported", threads=True),
        few_warnings(who),
        _left_out_on_error("importing it"),
    ):
        module = load(plugin)
    try:
        with _left_out_on_error("reading its hooks"):
            _check_hooks(module, plugin)
            manager.register(module, plugin.name)
        with contained(who, "in its hooks", thorough=False), few_warnings(who):
            return _records(module, plugin, manager)
    finally:
        if manager.is_registered(module):
            manager.unregister(module)


def _records(module: Any, plugin: Plugin, manager: pluggy.PluginManager) -> Loaded:
    entries: dict[tuple[str, str], Entry] = {}
    devices: list[Device] = []
    for caller in manager.get_hookcallers(module) or ():
        for hook in caller.get_hookimpls():
            if caller.name == hooks.DEVICES_HOOK:
                with _left_out_on_error(f"{caller.name}()"):
                    devices += _call_hook(caller.name, hook, Device)
                continue
            operation = hooks.HOOKS[caller.name]
            with _left_out_on_error(f"{caller.name}()"):
                offers = _call_hook(caller.name, hook, Offer)
            for offer in offers:
                full = f"{plugin.name}/{offer.name}"
                if (operation, full) in entries:
                    raise LeftOut("offer", f"{caller.name}() offers {offer.name!r} twice")
                entries[operation, full] = Entry(
                    full, operation, plugin.distribution, offer, plugin.enabled
                )
    return Loaded(tuple(entries.values()), tuple(devices))


@contextmanager
def _left_out_on_error(what: str) -> Iterator[None]:
    """Turn whatever a plugin raises into the reason why it is left out."""
    try:
        yield
    except LeftOut:
        raise
    except BadOffer as error:
        raise LeftOut("offer", str(error)) from error
    except pluggy.PluginValidationError as error:
        text = f"a hook is not as specified: {_last_sentence(error)}; hooks take no arguments"
        raise LeftOut("hook", text) from error
    except BaseException as error:
        if is_from_signal_handler(error):
            raise
        # SystemExit and KeyboardInterrupt too: the user can end the program, a plugin can't.
        raise LeftOut("load", f"{what} raised {describe_error(error)}") from error


def _tell_newer(newer: list[str], who: str) -> None:
    """Warn of fields that are not known here and were ignored."""
    if newer:
        known = ".".join(map(str, hooks.API))
        names = shortened(", ".join(dict.fromkeys(newer)))
        text = (
            f"{who} is made for a newer autovoice-core: {names} is not known to plugin API "
            f"{known} and ignored; update autovoice-core"
        )
        warnings.warn(text, PluginWarning, stacklevel=2)


def _last_sentence(error: pluggy.PluginValidationError) -> str:
    """Return the fault itself; pluggy names plugin and hook on the lines before."""
    return str(error).strip().splitlines()[-1]


def _check_hooks(module: Any, plugin: Plugin) -> None:
    """Refuse functions that look like hooks but would be ignored silently."""
    if inspect.isclass(module) or inspect.isroutine(module):
        what = "a class" if inspect.isclass(module) else "a function"
        text = f"its entry point {plugin.target!r} names {what}; name the module with its hooks"
        raise LeftOut("hook", text)
    known = (*hooks.HOOKS, hooks.DEVICES_HOOK)
    hook_found = False
    for name, value in inspect.getmembers(module, inspect.isroutine):
        options = getattr(value, f"{hooks.PROJECT}_impl", None)
        if options is None and not name.startswith(f"{hooks.PROJECT}_"):
            continue
        hook = (options or {}).get("specname") or name
        if hook not in known:
            raise LeftOut("hook", f"its {hook}() is not a hook{did_you_mean(hook, known)}")
        if options is None:
            raise LeftOut("hook", f"its {name}() is not marked with @hookimpl")
        if options["wrapper"] or options["hookwrapper"]:
            raise LeftOut("hook", f"its {name}() is a hook wrapper; yield offers instead")
        hook_found = True
    if not hook_found:
        raise LeftOut("hook", f"it has no hook; write one of {', '.join(known)}")


def _call_hook(name: str, hook: pluggy.HookImpl, kind: type[_Record]) -> list[_Record]:
    result = hook.function()
    if not isinstance(result, Iterable):
        raise BadOffer(f"{name}() returned {quoted(result)}; yield {kind.__name__}s")
    records = list(islice(result, MAX_RECORDS + 1))
    if len(records) > MAX_RECORDS:
        raise BadOffer(f"{name}() yields more than {MAX_RECORDS} {kind.__name__}s; yield fewer")
    for record in records:
        if type(record) is not kind:  # what a class of its own says of itself may be a lie
            raise BadOffer(f"{name}() yielded {quoted(record)}, which is no {kind.__name__}")
    return records

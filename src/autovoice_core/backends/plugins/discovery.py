"""Discovery of plugins: a catalogue of those installed, each loaded when its offers are needed."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from attrs import evolve

from autovoice_core._errors import ApiMismatch, BadOffer, LoadFault, PluginError
from autovoice_core._variables import variable_text
from autovoice_core.backends.containment import known_interrupts
from autovoice_core.backends.containment.waiting import Waiting
from autovoice_core.backends.device import in_order
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.declared import ALL, OURS, unusable_fault
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.loading import LeftOut, Loaded, load_plugin, new_manager
from autovoice_core.backends.plugins.plugin import Plugin, find_plugins, normalised
from autovoice_core.backends.plugins.trust import (
    VARIABLE,
    find_intruders,
    packages_of,
    split_names,
    trust_in,
)
from autovoice_core.backends.wording import describe_trace, did_you_mean

BLOCK_VARIABLE = "AUTOVOICE_BLOCK"
"""Environment variable that names plugins or distributions that must not be imported."""

_ERRORS: dict[str, type[PluginError]] = {"load": LoadFault, "api": ApiMismatch, "offer": BadOffer}


class Discovery:
    """The plugins that are installed, each of them loaded at most once.

    Parameters
    ----------
    block
        Names of plugins or distributions that must not be imported, with commas, in any case;
        ``"all"`` blocks every one. By default those in ``AUTOVOICE_BLOCK``.
    allow
        Names of plugins or distributions that are enabled beside those that the user enabled;
        ``"all"`` enables every one. By default those in ``AUTOVOICE_PLUGINS``.
    strict
        Raise the first fault instead of recording it.
    """

    def __init__(
        self, *, block: str | None = None, allow: str | None = None, strict: bool = False
    ) -> None:
        block = variable_text(BLOCK_VARIABLE) or "" if block is None else block
        allow = variable_text(VARIABLE) or "" if allow is None else allow
        found = find_plugins()
        trust = trust_in(found, allow)
        self._plugins = tuple(evolve(plugin, enabled=trust.of(plugin)) for plugin in found)
        self._intruders = find_intruders(self._plugins, trust)
        self._blocked = {normalised(name) for name in split_names(block)}
        self._allowed = split_names(allow)
        self._strict = strict
        self._manager = new_manager()
        self._loaded: dict[Plugin, Loaded] = {}
        self._faults: dict[Plugin, Fault] = {}

    def catalogue(self, named: Collection[str] = ()) -> Catalogue:
        """Load the plugins that are enabled or ``named``, and return all that were loaded so far.

        Raises
        ------
        LoadFault, ApiMismatch, BadOffer, PluginError
            A plugin is broken and ``strict`` is set.
        """
        with Waiting() as waiting, known_interrupts():
            for plugin in self._plugins:
                if plugin not in self._loaded and plugin not in self._faults:
                    self._visit(plugin, plugin.enabled or plugin.name in named, waiting)
        offers = [entry for loaded in self._loaded.values() for entry in loaded.offers]
        devices = [device for loaded in self._loaded.values() for device in loaded.devices]
        return Catalogue(
            tuple(sorted(offers, key=lambda entry: entry.name)),
            (*self._faults_in_order(), *self._unknown()),
            in_order(OWN_DEVICES, devices),
            self._plugins,
        )

    def _visit(self, plugin: Plugin, wanted: bool, waiting: Waiting) -> None:
        try:
            self._check_admissible(plugin)
            if wanted:
                if unusable := unusable_fault(plugin):
                    raise LeftOut(*unusable)
                self._loaded[plugin] = load_plugin(plugin, self._manager, waiting)
        except LeftOut as left:
            cause = left.__cause__
            trace = describe_trace(cause) if cause else ""
            fault = Fault(plugin.name, plugin.distribution, left.kind, left.text, trace)
            if self._strict and not fault.by_choice:
                raise _ERRORS.get(fault.kind, PluginError)(str(fault)) from cause
            self._faults[plugin] = fault

    def _check_admissible(self, plugin: Plugin) -> None:
        """Refuse a plugin that must not even be imported, whoever names it."""
        named = self._blocked & {normalised(plugin.name), plugin.package}
        if named or ALL in self._blocked:
            text = f"{BLOCK_VARIABLE} names it" if named else f"{BLOCK_VARIABLE} is 'all'"
            raise LeftOut("blocked", text)
        if plugin in self._intruders:
            raise LeftOut(*self._intruders[plugin])

    def _faults_in_order(self) -> Iterator[Fault]:
        for plugin in self._plugins:
            if plugin in self._faults:
                yield self._faults[plugin]
            elif plugin not in self._loaded:
                text = (
                    f"it is not enabled; run `autovoice plugins enable {plugin.name}`, "
                    "or ask for one of its backends by name"
                )
                yield Fault(plugin.name, plugin.distribution, "disabled", text)

    def _unknown(self) -> Iterator[Fault]:
        """Yield a fault for each name in the environment that no plugin has."""
        names = {plugin.name for plugin in self._plugins}
        blocked = self._blocked.difference(
            *({normalised(plugin.name), plugin.package} for plugin in self._plugins)
        )
        allowed = {name for name in self._allowed if not packages_of(name, self._plugins)}
        for kind, variable, unknown in (
            ("blocked", BLOCK_VARIABLE, blocked),
            ("disabled", VARIABLE, allowed),
        ):
            for name in sorted(unknown - {ALL}):
                hint = did_you_mean(name, names)
                text = f"{variable} names it, but no such plugin is installed{hint}"
                # Whoever blocks or enables a plugin by a slip of the pen is to know of it.
                slip = normalised(name).removeprefix("autovoice-") not in OURS
                yield Fault(name, "not installed", "unknown" if slip else kind, text)


def discover(
    *,
    block: str | None = None,
    allow: str | None = None,
    strict: bool = False,
    named: Collection[str] = (),
) -> Catalogue:
    """Return the catalogue of a new :class:`Discovery`; see there."""
    return Discovery(block=block, allow=allow, strict=strict).catalogue(named)

"""Trust in plugins: those of this project are enabled, others once the user says so.

A plugin that is not enabled is not even imported, unless the caller names it or one of its
backends. Enabling is for a distribution: another one that declares the same name gains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core.backends.plugins.decisions import Decisions, read_decisions, write_decisions
from autovoice_core.backends.plugins.declared import ALL, OURS, declared_fault, reserved_fault
from autovoice_core.backends.plugins.plugin import Plugin, normalised
from autovoice_core.backends.wording import did_you_mean

VARIABLE = "AUTOVOICE_PLUGINS"
"""Environment variable that names plugins or distributions, with commas, that are enabled."""

_OUR_PACKAGES = frozenset(f"autovoice-{name}" for name in OURS)


@frozen
class Trust:
    """Whom the user trusts: the distributions ``chosen``, by normalised names, or ``everybody``."""

    chosen: frozenset[str]
    everybody: bool = False

    def of(self, plugin: Plugin) -> bool:
        """Whether the offers of ``plugin`` take part where no backend is named."""
        return self.everybody or plugin.package in self.chosen


def trust_in(plugins: Iterable[Plugin], variable: str, decisions: Decisions | None = None) -> Trust:
    """Return whom the user trusts among ``plugins``.

    Parameters
    ----------
    plugins
        Those that are installed.
    variable
        The value of ``AUTOVOICE_PLUGINS``, which comes before the decisions.
    decisions
        By default those that are kept for this user.
    """
    decisions = read_decisions() if decisions is None else decisions
    names = split_names(variable)
    ours = _OUR_PACKAGES - decisions.disabled
    meant = [packages_of(name, plugins) for name in names]
    # A name that several have is nobody's: one who took it would gain by it what it never meant.
    allowed = {package for packages in meant if len(packages) == 1 for package in packages}
    return Trust(ours | decisions.enabled | allowed, everybody=ALL in names)


def split_names(text: str) -> set[str]:
    """Return the names in a text of names with commas."""
    return {name.strip() for name in text.split(",")} - {""}


def packages_of(name: str, plugins: Iterable[Plugin]) -> set[str]:
    """Return the distribution called ``name``, or else those that declare a plugin of that name."""
    plugins = tuple(plugins)
    packages = {plugin.package for plugin in plugins}
    if name in OURS:
        return packages & {f"autovoice-{name}"}
    return packages & {normalised(name)} or {
        plugin.package for plugin in plugins if plugin.name == name
    }


def find_intruders(plugins: Iterable[Plugin], trust: Trust) -> Mapping[Plugin, tuple[str, str]]:
    """Return each plugin that can't have its name, with the kind and the text of its fault.

    Names look alike if they are equal once normalised.
    """
    found: dict[Plugin, tuple[str, str]] = {}
    claims: dict[str, list[Plugin]] = {}
    for plugin in plugins:
        claims.setdefault(normalised(plugin.name), []).append(plugin)
    for name, claimants in claims.items():
        if name in OURS:
            for plugin in claimants:
                if fault := reserved_fault(plugin):
                    found[plugin] = fault
        elif len({plugin.package for plugin in claimants}) > 1:
            found |= _rivals(claimants, trust)
    return found


def _rivals(claimants: list[Plugin], trust: Trust) -> dict[Plugin, tuple[str, str]]:
    """Return the claimants of one name but the only one that the user chose, if there is one."""
    chosen = [plugin for plugin in claimants if plugin.package in trust.chosen]
    if len({plugin.package for plugin in chosen}) == 1:
        owner = chosen[0].distribution
        return {
            plugin: (
                "disabled",
                f"{owner} has the name and is enabled; to have this one instead, "
                f"run `autovoice plugins enable {plugin.package}`",
            )
            for plugin in claimants
            if plugin not in chosen
        }
    owners = list(dict.fromkeys(plugin.distribution for plugin in claimants))
    commands = [f"`autovoice plugins enable {plugin.package}`" for plugin in claimants]
    text = (
        f"{' and '.join(owners)} have plugins of that name; "
        f"run {' or '.join(dict.fromkeys(commands))} to choose one"
    )
    return dict.fromkeys(claimants, ("duplicate", text))


def enable(name: str, plugins: Iterable[Plugin]) -> str:
    """Enable a plugin for good, by its name or that of its distribution.

    Distributions that declare a plugin of the same name are no longer enabled. Returns the
    normalised name of the one that is.

    Raises
    ------
    InputError
        No such plugin is installed, several distributions have one, it can't be loaded as it is
        declared, or the decision can't be kept.
    """
    plugins = tuple(plugins)
    package = _only_package(name, plugins)
    declared = [plugin for plugin in plugins if plugin.package == package]
    faults = [fault for fault in map(declared_fault, declared) if fault]
    if len(faults) == len(declared):
        raise InputError(f"{name}: can't be enabled: {faults[0][1]}")
    names = {normalised(plugin.name) for plugin in declared}
    rivals = {plugin.package for plugin in plugins if normalised(plugin.name) in names} - {package}
    known = read_decisions()
    chosen = (known.enabled | {package}) - rivals - _OUR_PACKAGES
    write_decisions(Decisions(chosen, known.disabled - {package}))
    return package


def disable(name: str, plugins: Iterable[Plugin]) -> str:
    """Let a plugin take part no longer unless it is named; the reverse of :func:`enable`."""
    package = _only_package(name, plugins)
    known = read_decisions()
    refused = known.disabled | ({package} & _OUR_PACKAGES)
    write_decisions(Decisions(known.enabled - {package}, refused))
    return package


def _only_package(name: str, plugins: Iterable[Plugin]) -> str:
    plugins = tuple(plugins)
    packages = packages_of(name, plugins)
    if len(packages) > 1:
        owners = " and ".join(sorted(packages))
        raise InputError(f"{name}: plugins of {owners} have this name; give the distribution")
    if not packages:
        raise unknown_plugin(name, plugins)
    return packages.pop()


def unknown_plugin(name: str, plugins: Iterable[Plugin]) -> InputError:
    """Return the error for a plugin that is not installed, with what may have been meant."""
    names = sorted({plugin.name for plugin in plugins})
    known = f"known are {', '.join(names)}" if names else "there is none"
    return InputError(f"{name}: no such plugin is installed{did_you_mean(name, names)}; {known}")

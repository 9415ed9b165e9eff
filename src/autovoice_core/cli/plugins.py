"""``autovoice plugins``: the installed plugins, and which of them the user trusts."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click
from rich.table import Table

from autovoice_core._errors import PluginWarning
from autovoice_core.backends.plugins import trust
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.plugin import Plugin, find_plugins
from autovoice_core.backends.plugins.registry import catalogue, refresh
from autovoice_core.cli._group import CommandGroup
from autovoice_core.cli._output import print_json, print_table
from autovoice_core.cli._private_paths import without_folders


@click.group("plugins", cls=CommandGroup)
def command() -> None:
    """Manage plugins, the packages that offer backends.

    Backends of a plugin that is not enabled are used only by name, and until then it is not even
    imported. The plugins of AutoVoice itself are enabled, those of others once you enable them.
    """


@command.command("list")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
def list_(names: tuple[str, ...], as_json: bool) -> None:
    """List the plugins NAME, or all, with their backends.

    Of plugins that are not enabled, only those named are imported.
    """
    _show(names, as_json=as_json)


@command.command("enable")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def enable(names: tuple[str, ...]) -> None:
    """Let backends of the plugins NAME be chosen without being named.

    NAME is a plugin or its distribution. Of two that declare the same plugin, this one gets it.
    """
    _decide(trust.enable, names)


@command.command("disable")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def disable(names: tuple[str, ...]) -> None:
    """Use backends of the plugins NAME only where they are named."""
    _decide(trust.disable, names)


def _decide(decide: Callable[[str, Sequence[Plugin]], str], names: Iterable[str]) -> None:
    plugins = find_plugins()
    packages = {decide(name, plugins) for name in names}
    refresh()
    _show([plugin.name for plugin in plugins if plugin.package in packages], imported=False)


def _show(names: Sequence[str], *, as_json: bool = False, imported: bool = True) -> None:
    with warnings.catch_warnings():
        # The faults are printed below.
        warnings.simplefilter("ignore", PluginWarning)
        found = catalogue(names if imported else ())
    known = {plugin.name for plugin in found.plugins}
    for name in names:
        if name not in known:
            raise trust.unknown_plugin(name, found.plugins)
    plugins = [plugin for plugin in found.plugins if not names or plugin.name in names]
    faults = [fault for fault in found.faults if not names or fault.plugin in names]
    if as_json:
        print_json(without_folders([_as_dict(plugin, found) for plugin in plugins]))
        return
    if not plugins:
        click.echo("no plugin is installed; install one, such as autovoice-cpu")
    else:
        table = Table("plugin", "distribution", "module", "enabled", "backends", box=None)
        for plugin in plugins:
            table.add_row(
                plugin.name,
                plugin.distribution,
                plugin.target,
                "yes" if plugin.enabled else "no",
                ", ".join(_backends(plugin, found)) or "-",
            )
        print_table(table)
    for fault in faults:
        click.echo(str(fault))


def _as_dict(plugin: Plugin, found: Catalogue) -> dict[str, Any]:
    distribution, _, version = plugin.distribution.rpartition(" ")
    return {
        "plugin": plugin.name,
        "distribution": distribution,
        "version": version,
        "entry_point": plugin.target,
        "group": plugin.group,
        "enabled": plugin.enabled,
        "backends": _backends(plugin, found),
        "faults": [
            {"kind": fault.kind, "text": fault.text}
            for fault in found.faults
            if _is_of(plugin, fault)
        ],
    }


def _backends(plugin: Plugin, found: Catalogue) -> list[str]:
    return [
        entry.name
        for entry in found.offers
        if entry.name.startswith(f"{plugin.name}/") and entry.distribution == plugin.distribution
    ]


def _is_of(plugin: Plugin, fault: Fault) -> bool:
    return (fault.plugin, fault.distribution) == (plugin.name, plugin.distribution)

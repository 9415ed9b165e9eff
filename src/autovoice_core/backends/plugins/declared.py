"""Faults of plugins that their declarations show, before anything of them is imported."""

from __future__ import annotations

from autovoice_core.backends.offer import NAME
from autovoice_core.backends.plugins.plugin import GROUP, PREFIX, Plugin, normalised

ALL = "all"
"""In the environment: every plugin. None may have this name."""

OURS = frozenset({"cpu", "cuda", "demucs", "rvc", "speech", "spleeter", "triton"})
"""Names of this project's plugins, reserved for its distributions: ``cpu`` for autovoice-cpu."""


def declared_fault(plugin: Plugin) -> tuple[str, str] | None:
    """Return the kind and the text of what keeps a plugin from being loaded, or None."""
    return reserved_fault(plugin) or unusable_fault(plugin)


def reserved_fault(plugin: Plugin) -> tuple[str, str] | None:
    """Return the fault of a plugin whose name is reserved for another distribution, or None."""
    owner = f"autovoice-{normalised(plugin.name)}"
    if normalised(plugin.name) not in OURS or plugin.package == owner:
        return None
    text = (
        f"the name is reserved for {owner}; uninstall {plugin.package}, or let its "
        "authors choose another name"
    )
    return "reserved", text


def unusable_fault(plugin: Plugin) -> tuple[str, str] | None:
    """Return the fault of a plugin that can't be read, or is not for this plugin API, or None."""
    if plugin.unreadable:
        return "load", plugin.unreadable
    if not plugin.group.startswith(PREFIX):
        text = f"its entry point is in the group {plugin.group}; its authors must name it {GROUP}"
        return "api", text
    if plugin.group != GROUP:
        outdated = "autovoice-core" if plugin.group > GROUP else plugin.distribution.split()[0]
        text = (
            f"it is written for plugin API {plugin.group}, but this is {GROUP}; update {outdated}"
        )
        return "api", text
    if not NAME.fullmatch(plugin.name) or plugin.name == ALL:
        text = "its name may hold letters, digits, '.', '_' and '-' only, and not be 'all'"
        return "hook", text
    return None

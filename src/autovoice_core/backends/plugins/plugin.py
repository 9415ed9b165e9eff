"""Plugins as their distributions declare them: read from metadata, nothing of them imported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, EntryPoint, distributions

from attrs import frozen

from autovoice_core.backends.wording import describe_error

PREFIX = "autovoice.v"
GROUP = f"{PREFIX}1"
"""The group of entry points of this version of the plugin API."""

MAX_ENTRY_POINTS = 100
"""Most plugins of one distribution, of every version of the plugin API."""
MAX_DECLARATION = 1_000_000
"""Most characters of a distribution's entry points, of whatever group."""

_GROUP = re.compile(r"autovoice(\..*)?")
_SECTION = re.compile(rf"^\s*\[\s*{_GROUP.pattern}\s*\]", re.MULTILINE)
_SEPARATORS = re.compile(r"[-_.]+")
_HEADER = re.compile(r"^(Name|Version):[ \t]*(\S+)", re.MULTILINE)


@frozen
class Plugin:
    """An entry point, and the distribution that declares it.

    Attributes
    ----------
    name
        Name of the entry point, the first half of its backends' names: ``"acf"``.
    distribution
        Name and version of the distribution: ``"autovoice-acf 1.0"``.
    target
        Value of the entry point, the module that holds the hooks: ``"autovoice_acf.offers"``.
    group
        Group of the entry point, which names the version of the plugin API.
    enabled
        Whether its offers take part where no backend is named.
    unreadable
        Why its entry points can't be used, with the remedy; empty if they can.
    """

    name: str
    distribution: str
    target: str = ""
    group: str = GROUP
    enabled: bool = False
    unreadable: str = ""

    @property
    def package(self) -> str:
        """The distribution's name as indexes compare it, such as ``"autovoice-acf"``."""
        return normalised(self.distribution.partition(" ")[0])


def normalised(name: str) -> str:
    """Return a name as package indexes compare it (PEP 503): ``"A_b"`` is ``"a-b"``."""
    return _SEPARATORS.sub("-", name).casefold()


def find_plugins() -> tuple[Plugin, ...]:
    """Return the plugins of every version of the plugin API, in order of name."""
    found: dict[tuple[str, str], list[Plugin]] = {}
    for distribution in distributions():
        for plugin in _declared(distribution):
            # A distribution is seen twice where two folders of sys.path hold it: the first counts.
            same = found.setdefault((plugin.package, plugin.name), [])
            if not same or same[0].distribution == plugin.distribution:
                same.append(plugin)
    # A plugin may declare several versions of the API; ours, if it is among them, speaks for it.
    chosen = (min(same, key=lambda plugin: plugin.group != GROUP) for same in found.values())
    return tuple(sorted(chosen, key=lambda plugin: (plugin.name, plugin.distribution)))


def _declared(distribution: Distribution) -> Iterator[Plugin]:
    # The text is looked at first: asking every distribution for its entry points reads much
    # more, and a malformed file of a package that is not a plugin does not concern us.
    try:
        text = distribution.read_text("entry_points.txt") or ""
        if not _SECTION.search(text):
            return
    except (OSError, UnicodeDecodeError):
        return
    label = _label(distribution)
    try:
        yield from _plugins_in(text, distribution, label)
    except Exception as error:  # noqa: BLE001  # importlib.metadata trips over it in many ways
        fault = f"its entry points can't be read ({describe_error(error)}); reinstall it"
        yield Plugin(label.partition(" ")[0], label, unreadable=fault)


def _plugins_in(text: str, distribution: Distribution, label: str) -> tuple[Plugin, ...]:
    if len(text) > MAX_DECLARATION:
        raise ValueError(
            f"{len(text):,} characters are more than the {MAX_DECLARATION:,} that are read"
        )
    points = [point for point in distribution.entry_points if _GROUP.fullmatch(point.group)]
    if len(points) > MAX_ENTRY_POINTS:
        fault = (
            f"it declares {len(points):,} plugins, more than the {MAX_ENTRY_POINTS} allowed; "
            "uninstall it, or let its authors offer several backends by one plugin"
        )
        return (Plugin(label.partition(" ")[0], label, unreadable=fault),)
    return tuple(Plugin(point.name, label, point.value, point.group) for point in points)


def _label(distribution: Distribution) -> str:
    """Return name and version, from the first lines of a text that may hold a whole manual."""
    try:
        text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
    except (OSError, UnicodeDecodeError):  # it is gone or garbled
        text = ""
    facts = dict(_HEADER.findall(text.partition("\n\n")[0]))
    return f"{facts.get('Name', 'unnamed')} {facts.get('Version', 'unversioned')}"


def load(plugin: Plugin) -> object:
    """Import what the entry point names, and return that."""
    return EntryPoint(plugin.name, plugin.target, plugin.group).load()

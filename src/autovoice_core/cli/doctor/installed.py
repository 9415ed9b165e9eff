"""The distributions that are installed for this Python, read without importing them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from attrs import field, frozen

from autovoice_core.backends.plugins.plugin import normalised

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)\s*(?:\[[^]]*\])?\s*\(?([^;)]*)\)?\s*(?:;(.*))?")
_MODULE = re.compile(r"^([A-Za-z_]\w*)(?:/__init__)?\.py,", re.MULTILINE)
_SHARED_OBJECT = re.compile(r"^([^,\n]+\.(?:so|pyd|dylib|dll)),[^,\n]*,[1-9]", re.MULTILINE)
_FIELD = re.compile(r"^(Name|Version|Requires-Dist):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


@frozen
class Requirement:
    """A package that another needs, the bounds on its version, and the marker; empty if none."""

    name: str
    bounds: str = ""
    marker: str = ""


@frozen(slots=False)
class Installed:
    """A distribution that is installed.

    Attributes
    ----------
    name, version
        As its metadata state them.
    folder
        The folder of ``sys.path`` that it lies in.
    requirements
        What its metadata require, those of extras too.
    """

    name: str
    version: str
    folder: Path
    requirements: tuple[Requirement, ...] = ()
    _distribution: Distribution | None = field(default=None, eq=False, repr=False)

    @property
    def key(self) -> str:
        """The name as package indexes compare it."""
        return normalised(self.name)

    @property
    def module(self) -> str:
        """The name that its module has, unless its authors chose another."""
        return self.key.replace("-", "_")

    @property
    def modules(self) -> dict[str, str]:
        """Its uppermost modules, each with its file below ``folder``; none if it is editable."""
        return {found[1]: found[0][:-1] for found in _MODULE.finditer(self._record)}

    @property
    def shared_objects(self) -> list[str]:
        """Its compiled files below ``folder``."""
        return _SHARED_OBJECT.findall(self._record)

    @cached_property
    def _record(self) -> str:
        """What its installer wrote on its files; empty if nothing."""
        try:
            return (self._distribution and self._distribution.read_text("RECORD")) or ""
        except (OSError, UnicodeDecodeError):
            return ""

    @cached_property
    def sources(self) -> Path:
        """The folder that its modules lie in: of an editable one, that of its project."""
        text = self._distribution.read_text("direct_url.json") if self._distribution else None
        try:
            origin = json.loads(text or "{}")
            if origin.get("dir_info", {}).get("editable"):
                return Path(url2pathname(urlsplit(origin["url"]).path))
        except (ValueError, KeyError, AttributeError, TypeError):  # not as pip writes it
            pass
        return self.folder


def find_installed() -> tuple[Installed, ...]:
    """Return all distributions in the order of ``sys.path``: the first of a name is in force."""
    found: dict[tuple[Path, str, str], Installed] = {}
    for distribution in distributions():
        # Parsing whole metadata, long descriptions too, takes milliseconds for each.
        text = distribution.read_text("METADATA") or distribution.read_text("PKG-INFO") or ""
        fields = _FIELD.findall(text.partition("\n\n")[0])
        values = dict(fields)
        name, version = values.get("Name"), values.get("Version")
        if name and version:
            folder = Path(str(distribution.locate_file(""))).resolve()
            needs = tuple(_requirements(value for key, value in fields if key == "Requires-Dist"))
            item = Installed(name, version, folder, needs, distribution)
            found.setdefault((folder, item.key, version), item)
    return tuple(found.values())


def in_force(installed: Iterable[Installed]) -> dict[str, Installed]:
    """Return the distributions that are in force, by the names that package indexes compare."""
    first: dict[str, Installed] = {}
    for item in installed:
        first.setdefault(item.key, item)
    return first


def needed_by(roots: Iterable[str], installed: Iterable[Installed]) -> frozenset[str]:
    """Return the names of ``roots`` and of all that they need, directly or not, and is installed.

    What only extras need does not count.
    """
    first = in_force(installed)
    found: set[str] = set()
    waiting = [normalised(root) for root in roots]
    while waiting:
        name = waiting.pop()
        if name in first and name not in found:
            found.add(name)
            waiting += [
                normalised(need.name)
                for need in first[name].requirements
                if "extra" not in need.marker
            ]
    return frozenset(found)


def _requirements(lines: Iterable[str]) -> Iterator[Requirement]:
    for line in lines:
        if match := _REQUIREMENT.match(line):
            yield Requirement(match[1], match[2].strip(), (match[3] or "").strip())

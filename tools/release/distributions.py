"""The distributions of the repository, as their ``pyproject.toml`` describe them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()


@frozen
class Distribution:
    """A folder that one wheel and one source archive are built from.

    Attributes
    ----------
    folder
        Where its ``pyproject.toml`` lies.
    settings
        What that file holds.
    """

    folder: Path
    settings: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The name that it is installed by."""
        return str(self.settings["project"]["name"])

    @property
    def file_name(self) -> str:
        """The name as files and modules have it."""
        return self.name.replace("-", "_")

    @property
    def wheel(self) -> str:
        """The name of its wheel."""
        return f"{self.file_name}-{VERSION}-py3-none-any.whl"

    @property
    def source(self) -> str:
        """The name of its source archive."""
        return f"{self.file_name}-{VERSION}.tar.gz"

    @property
    def requirements(self) -> tuple[str, ...]:
        """What it requires without extras."""
        return tuple(self.settings["project"]["dependencies"])

    @property
    def extras(self) -> dict[str, tuple[str, ...]]:
        """What each of its extras requires."""
        extras = self.settings["project"].get("optional-dependencies", {})
        return {name: tuple(requirements) for name, requirements in extras.items()}


def distributions() -> tuple[Distribution, ...]:
    """Return all: core first, then the plugins by name, then what only gathers others."""
    plugins = sorted(ROOT.glob("plugins/*/pyproject.toml"))
    gathering = sorted(ROOT.glob("distributions/*/pyproject.toml"))
    return tuple(
        Distribution(path.parent, tomllib.loads(path.read_text(encoding="utf-8")))
        for path in (ROOT / "pyproject.toml", *plugins, *gathering)
    )


def named(requirement: str) -> str:
    """Return the normalised name of what a requirement asks for."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    if found is None:
        raise SystemExit(f"{requirement}: no requirement")
    return re.sub(r"[-_.]+", "-", found[0]).lower()

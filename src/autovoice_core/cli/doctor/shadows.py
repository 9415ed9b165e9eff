"""Installations that hide one another: two of one package, folders of its name, other scripts."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

from autovoice_core.cli.doctor.environment import Environment
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.installed import Installed

SCRIPT = "autovoice"
OURS = "autovoice-"
"""Beginning of the names of our packages."""


def check_installed_twice(environment: Environment) -> Iterator[Finding]:
    """Yield packages in use that are installed twice."""
    first = environment.in_force
    for item in environment.installed:
        winner = first[item.key]
        if item is winner or item.key not in environment.used:
            continue
        remedy = f"{quote(sys.executable)} -m pip uninstall -y {item.name}"
        if item.folder == winner.folder:
            # Left by an installation that was interrupted: files of both may be mixed.
            text = (
                f"{item.name} is installed twice in {item.folder}: {winner.version} and "
                f"{item.version}; uninstall both, and install one"
            )
            again = f"{remedy} && {remedy} && {quote(sys.executable)} -m pip install {item.name}"
            yield Finding("installed-twice", "problem", text, again)
        elif item.key.startswith(OURS) or item.version != winner.version:
            text = (
                f"{item.name} is installed twice: {winner.version} in {winner.folder}, which is "
                f"used, hides {item.version} in {item.folder}; uninstall one of them"
            )
            yield Finding("installed-twice", "warning", text, remedy)


def check_shadowing(environment: Environment) -> Iterator[Finding]:
    """Yield folders and files that are imported in place of a package in use."""
    for name in sorted(environment.used):
        item = environment.in_force[name]
        place = _place_of(item.module)
        installed = item.sources.resolve()
        if place is None or not _has_module(item) or place.is_relative_to(installed):
            continue
        # A copy of ours may work; what has the name of another package by chance does not.
        may_work = name.startswith(OURS) and name not in environment.failed
        yield Finding(
            "shadowed-package",
            "warning" if may_work else "problem",
            f"{place} is imported in place of {item.name} {item.version}, which is installed in "
            f"{installed}; rename it, or take its folder from the paths of Python",
            _without(place.parent),
            breaks="" if may_work else item.module,
        )


def check_script() -> Iterator[Finding]:
    """Yield an ``autovoice`` that shells find first and that runs another Python."""
    found = shutil.which(SCRIPT)
    own = Path(sysconfig.get_path("scripts"))
    if found is None or not (own / SCRIPT).exists():
        return
    python = _interpreter(Path(found))
    if python is None or _folder(python) in {_folder(Path(sys.executable)), _folder(own / "x")}:
        return
    yield Finding(
        "other-script",
        "warning",
        f"{found}, which shells run as `{SCRIPT}`, belongs to {python}, and this is "
        f"{sys.executable}; put this one's folder first in PATH",
        f'export PATH={quote(str(own))}:"$PATH"',
    )


def _place_of(module: str) -> Path | None:
    """Return the folder or file that a module is imported from; None if there is none."""
    try:
        spec = find_spec(module)
    except ValueError:  # imported already, by something that is no module
        return None
    if spec is None or spec.origin is None or not spec.has_location:
        return None
    origin = Path(spec.origin)
    place = origin.parent if spec.submodule_search_locations else origin
    # What the folder of packages holds may be links: some installers keep files elsewhere.
    return place.parent.resolve() / place.name


def _has_module(item: Installed) -> bool:
    """Return whether a distribution has the module that its name suggests."""
    places = [item.sources, item.sources / "src"]
    return any(
        (place / item.module / "__init__.py").exists() or (place / f"{item.module}.py").exists()
        for place in places
    )


def _without(folder: Path) -> str | None:
    """Return the command that takes a folder from the paths of Python; None if none does."""
    given = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    rest = [path for path in given if Path(path).resolve() != folder]
    if len(rest) < len(given):
        return f"export PYTHONPATH={quote(os.pathsep.join(rest))}" if rest else "unset PYTHONPATH"
    return 'cd "$HOME"' if folder == Path.cwd() else None


def _interpreter(script: Path) -> Path | None:
    """Return the Python that a script runs, from its first lines; None if it is not told."""
    try:
        with script.open("rb") as file:
            first, second = file.readline(1000), file.readline(1000)
    except OSError:
        return None
    # A path that is too long, or has spaces, is on the second line: '''exec' "/a b/python" "$0" ...
    line = second.partition(b"exec' ")[2] if first.rstrip() == b"#!/bin/sh" else first
    path = os.fsdecode(line).strip().removeprefix("#!").strip()
    path = path[1:].partition('"')[0] if path.startswith('"') else path.partition(" ")[0]
    return Path(path) if "python" in Path(path).name else None


def _folder(file: Path) -> str:
    return os.path.realpath(file.parent)

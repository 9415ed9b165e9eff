"""The C++ runtime (libstdc++) that this process loads, and the packages that need a newer one.

On Linux, the runtime that the loader finds first serves the whole process. If that is an old one,
such as that of another compiler or of a conda environment, importing a package fails with "version
`GLIBCXX_3.4.30' not found". Both versions can be read from the files, without importing anything.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from shlex import quote

from attrs import frozen

from autovoice_core.cli.doctor.environment import Environment
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.shared_objects import symbol_names
from autovoice_core.cli.doctor.system import install_command

SONAME = "libstdc++.so.6"

_PATHS = "LD_LIBRARY_PATH"
_SYMBOL = re.compile(rb"\0GLIBCXX_(\d+(?:\.\d+)+)(?=\0)")

Version = tuple[int, ...]


@frozen
class CppRuntime:
    """A C++ runtime, and the newest version of its symbols."""

    path: str
    newest: Version


def find_runtime() -> CppRuntime | None:
    """Return the runtime that the loader picks for this process; None if there is none."""
    if sys.platform != "linux":
        return None
    try:
        ctypes.CDLL(SONAME)
        for line in Path("/proc/self/maps").read_text().splitlines():
            path = Path("/" + line.partition("/")[2])
            if path.name.startswith(SONAME):
                return CppRuntime(str(path), newest_version([path]))
    except OSError:  # no such library
        return None
    return None


def needed_version(module: str) -> Version:
    """Return the newest version that the extension modules of a package need; () for none."""
    try:
        spec = find_spec(module)
    except ValueError:
        return ()
    folders = spec.submodule_search_locations if spec else None
    return newest_version(
        Path(parent, name)
        for folder in folders or ()
        for parent, _, names in os.walk(folder)  # twice as fast as a glob, and torch is large
        for name in names
        if name.endswith(".so")
    )


def newest_version(files: Iterable[Path]) -> Version:
    """Return the newest ``GLIBCXX_`` version named in any of the files; () for none."""
    found: set[bytes] = set()
    for file in files:
        found.update(_SYMBOL.findall(symbol_names(file)))
    return max((tuple(map(int, text.split(b"."))) for text in found), default=())


def symbol_name(version: Version) -> str:
    """Return a version as linkers write it, e.g. ``"GLIBCXX_3.4.30"``."""
    return f"GLIBCXX_{'.'.join(map(str, version))}"


def needs_of(environment: Environment) -> dict[str, Version]:
    """Return the versions that the packages in use need, of those that need any."""
    if sys.platform != "linux":
        return {}
    items = [environment.in_force[name] for name in sorted(environment.used)]
    needs = {item.name: needed_version(item.module) for item in items}
    return {name: version for name, version in needs.items() if version}


def check_runtime(needs: dict[str, Version], runtime: CppRuntime | None) -> Iterator[Finding]:
    """Yield that packages need a newer runtime than the one that is loaded."""
    lacking = {
        package: needed
        for package, needed in needs.items()
        if runtime is None or runtime.newest < needed
    }
    if not lacking:
        return
    *others, last = lacking
    who = f"{', '.join(others)} and {last} need" if others else f"{last} needs"
    if runtime is None:
        text = f"{who} {SONAME}, which is not found; install it"
        yield Finding("cpp-runtime", "problem", text, install_command("libstdc++"))
        return
    advice, remedy = advice_on(Path(runtime.path))
    text = (
        f"{who} {'versions up to ' if others else ''}{symbol_name(max(lacking.values()))}, but "
        f"{runtime.path}, which is loaded, has only up to {symbol_name(runtime.newest)}; {advice}"
    )
    yield Finding("cpp-runtime", "problem", text, remedy)


def advice_on(loaded: Path) -> tuple[str, str | None]:
    """Return what is to be done about a runtime that is too old, and the command for it."""
    folders = [folder for folder in os.environ.get(_PATHS, "").split(os.pathsep) if folder]
    others = [folder for folder in folders if not _is_same(Path(folder), loaded.parent)]
    if len(others) < len(folders):
        command = f"export {_PATHS}={quote(os.pathsep.join(others))}" if others else ""
        return f"remove its folder from {_PATHS}", command or f"unset {_PATHS}"
    if any((folder / "conda-meta").is_dir() for folder in (loaded.parent.parent, Path(sys.prefix))):
        return "update that of the conda environment", (
            "conda install -c conda-forge --update-deps libstdcxx-ng"
        )
    return "update the system's", install_command("libstdc++")


def _is_same(folder: Path, other: Path) -> bool:
    return os.path.realpath(folder) == os.path.realpath(other)

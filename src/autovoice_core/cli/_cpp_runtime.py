"""The C++ runtime (libstdc++) that this process loads, and whether SciPy needs a newer one.

On Linux, the runtime that the loader finds first serves the whole process. If that is an old one,
such as that of another compiler or of a conda environment, importing SciPy fails with "version
`GLIBCXX_3.4.30' not found". Both versions can be read from the files, without importing anything.
"""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

SONAME = "libstdc++.so.6"

_SYMBOL = re.compile(rb"GLIBCXX_(\d+(?:\.\d+)+)\0")

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
    return newest_version(path for folder in folders or () for path in Path(folder).rglob("*.so"))


def newest_version(files: Iterable[Path]) -> Version:
    """Return the newest ``GLIBCXX_`` version named in any of the files; () for none."""
    found: set[bytes] = set()
    for file in files:
        found.update(_SYMBOL.findall(file.read_bytes()))
    return max((tuple(map(int, text.split(b"."))) for text in found), default=())


def symbol_name(version: Version) -> str:
    """Return a version as linkers write it, e.g. ``"GLIBCXX_3.4.30"``."""
    return f"GLIBCXX_{'.'.join(map(str, version))}"


def runtime_problem(module: str, needed: Version, runtime: CppRuntime | None) -> str | None:
    """Return what is wrong, as a sentence, or None."""
    if not needed or sys.platform != "linux":
        return None
    if runtime is None:
        return f"{module} needs {SONAME}, which is not found; install your system's C++ runtime"
    if runtime.newest < needed:
        return (
            f"{module} needs {symbol_name(needed)}, but {runtime.path} has only up to "
            f"{symbol_name(runtime.newest)}; put the folder of a newer libstdc++ first in "
            "LD_LIBRARY_PATH, or remove the folder of this one from it"
        )
    return None

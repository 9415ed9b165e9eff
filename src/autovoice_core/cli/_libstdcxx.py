"""The trap of a C++ runtime that is older than an extension module needs, on Linux.

The runtime that the loader finds first serves the whole process. Where that is an old one, as
with a compiler or a conda environment of its own in front, importing SciPy ends in "version
`GLIBCXX_3.4.30' not found". Both sides can be read from the files, without importing anything.
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
class Runtime:
    """A C++ runtime, and the newest version of its symbols."""

    path: str
    newest: Version


def find_runtime() -> Runtime | None:
    """Return the runtime that the loader would take for this process; None if there is none."""
    if sys.platform != "linux":
        return None
    try:
        ctypes.CDLL(SONAME)
        for line in Path("/proc/self/maps").read_text().splitlines():
            path = Path("/" + line.partition("/")[2])
            if path.name.startswith(SONAME):
                return Runtime(str(path), newest_symbol([path]))
    except OSError:  # nothing of that name can be loaded
        return None
    return None


def needed_by(module: str) -> Version:
    """Return the newest version that the extension modules of a package need; () for none."""
    try:
        spec = find_spec(module)
    except ValueError:
        return ()
    folders = spec.submodule_search_locations if spec else None
    return newest_symbol(path for folder in folders or () for path in Path(folder).rglob("*.so"))


def newest_symbol(files: Iterable[Path]) -> Version:
    """Return the newest ``GLIBCXX_`` version that any of the files names; () for none."""
    found: set[bytes] = set()
    for file in files:
        found.update(_SYMBOL.findall(file.read_bytes()))
    return max((tuple(map(int, text.split(b"."))) for text in found), default=())


def named(version: Version) -> str:
    """Return a version as linkers write it, e.g. ``"GLIBCXX_3.4.30"``."""
    return f"GLIBCXX_{'.'.join(map(str, version))}"


def trap(module: str, needed: Version, runtime: Runtime | None) -> str | None:
    """Return what is wrong, as a sentence, or None."""
    if not needed or sys.platform != "linux":
        return None
    if runtime is None:
        return f"{module} needs {SONAME}, which is not found; install your system's C++ runtime"
    if runtime.newest < needed:
        return (
            f"{module} needs {named(needed)}, but {runtime.path} ends at {named(runtime.newest)}; "
            "put the folder of a newer libstdc++ first in LD_LIBRARY_PATH, or take "
            "the folder of this one out of it"
        )
    return None

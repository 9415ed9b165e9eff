"""Packages that are installed by their metadata, while their modules are gone or damaged."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from autovoice_core._worker_process import exit_text
from autovoice_core.cli.doctor import importing
from autovoice_core.cli.doctor.environment import CORE, Environment
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.import_errors import known_remedy
from autovoice_core.cli.doctor.installed import Installed

_ELSEWHERE = frozenset({"soundfile"})
"""Packages whose import is a check of its own."""


def withhold_numpy_if_it_ends_python() -> None:
    """Let imports of NumPy fail where they would end this process, as a library cut short does."""
    if "numpy" not in sys.modules and _imports(["numpy"]).returncode < 0:
        sys.modules["numpy"] = None  # type: ignore[assignment]  # as Python's docs have it


def check_broken(environment: Environment) -> Iterator[Finding]:
    """Yield each package in use that has lost files, or that core can't import."""
    first = environment.in_force
    lost = {
        item.key: list(_lost(item)) for item in map(first.get, sorted(environment.used)) if item
    }
    for key, losses in lost.items():
        for module, what in losses[:1]:
            yield _finding(first[key], module, what)
    core = first.get(CORE)
    needed = [first.get(need.name.casefold()) for need in core.requirements] if core else []
    importable = {
        module: item
        for item in needed
        if item and item.key in environment.used and item.key not in _ELSEWHERE
        for module in item.modules
        if not lost.get(item.key) and not module.startswith("_")
    }
    for module, error in _import_errors(list(importable)):
        item = importable[module]
        remedy = known_remedy(error, item.name)
        yield _finding(item, module, f"can't be imported ({error})", remedy)


def _finding(item: Installed, module: str, what: str, remedy: str | None = None) -> Finding:
    return Finding(
        "package-broken",
        "problem",
        f"{item.name} {item.version} is installed, but {what}",
        remedy or f"pip install --force-reinstall {item.name}",
        breaks=module,
    )


def _lost(item: Installed) -> Iterator[tuple[str, str]]:
    """Yield what a package has lost, as its record of files tells: the module, and a sentence."""
    for module, file in item.modules.items():
        if not (item.folder / file).exists() and not _is_found(module):
            yield module, f"its module {module} is gone"
    for file in item.shared_objects:
        path = item.folder / file
        # Those that are gone may have been taken away on purpose, such as those of tests.
        if path.is_file() and path.stat().st_size == 0:
            yield file.partition("/")[0].partition(".")[0], f"its file {path} is empty"


def _is_found(module: str) -> bool:
    """Return whether a module is found at all; what is left of its folder is none."""
    try:
        spec = find_spec(module)
    except ValueError:  # imported already, by something that is no module
        return True
    return spec is not None and spec.origin is not None


def _import_errors(modules: list[str]) -> Iterator[tuple[str, str]]:
    """Yield modules that can't be imported, and why; none after one that ends its process."""
    done = _imports(modules)
    # What the modules print is no list of two texts.
    told = dict(json.loads(line) for line in done.stdout.splitlines() if line.startswith('["'))
    for module in modules:
        if module not in told:
            yield module, f"Python {exit_text(done.returncode)} as it imported it"
            return
        if told[module]:
            yield module, told[module]


def _imports(modules: list[str]) -> subprocess.CompletedProcess[str]:
    """Return a process of its own that has imported modules: see :mod:`importing`."""
    command = [sys.executable, "-P", str(Path(importing.__file__)), json.dumps(sys.path), *modules]
    return subprocess.run(  # noqa: S603  # this Python, and modules of core's requirements
        command, capture_output=True, text=True, errors="replace", check=False
    )

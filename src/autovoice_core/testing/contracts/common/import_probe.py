"""Script that prints the modules a backend imports before it is selected, and to be opened.

It runs in a new Python process, where nothing is imported yet.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import re
import sys
from importlib import metadata
from typing import Any

HEAVY = (
    "cupy",
    "jax",
    "librosa",
    "llvmlite",
    "numba",
    "onnxruntime",
    "scipy",
    "tensorflow",
    "torch",
    "torchaudio",
    "triton",
)
"""Modules that no entry point may import."""


def main(backend: str, operation: str) -> dict[str, Any]:
    """Return heavy modules, those that the backend's package imports, and all that are loaded."""
    imported = _watch_imports()
    from autovoice_core.backends.registry import catalogue

    entry = next(e for e in catalogue().offers if (e.name, e.operation) == (backend, operation))
    heavy = [name for name in HEAVY if name in sys.modules]
    error = ""
    from autovoice_core.backends.need import Need
    from autovoice_core.backends.selection import select

    offer = entry.offer
    try:
        need = Need(devices=offer.devices, dtype=offer.dtypes[0])
        select(entry.operation, need, name=backend).open()
    except LookupError as unavailable:
        error = str(unavailable)
    own = re.split(r"[.:]", offer.load, maxsplit=1)[0]
    found = {module for importer, module in imported if importer == own}
    free = {own, "autovoice_core", *sys.stdlib_module_names, *_modules_of_core()}
    loaded = {name.partition(".")[0] for name in sys.modules}
    used = sorted((found & loaded) - free)
    return {"heavy": heavy, "used": used, "loaded": sorted(loaded), "error": error}


def _watch_imports() -> set[tuple[str, str]]:
    """Return a set to which each import adds its importer's and its own top-level name."""
    imports: set[tuple[str, str]] = set()
    plain = builtins.__import__

    def watched(name: str, globals: Any = None, *rest: Any, **options: Any) -> Any:  # noqa: A002
        level = options.get("level", rest[2] if len(rest) > 2 else 0)
        if globals and not level:
            importer = str(globals.get("__name__", "")).partition(".")[0]
            imports.add((importer, name.partition(".")[0]))
        return plain(name, globals, *rest, **options)

    builtins.__import__ = watched
    return imports


def _modules_of_core() -> set[str]:
    """Return the modules of the packages that autovoice-core requires."""
    lines = [text for text in metadata.requires("autovoice-core") or [] if "extra ==" not in text]
    needed = {_normal(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in lines}
    return {
        module
        for module, owners in metadata.packages_distributions().items()
        if needed & {_normal(owner) for owner in owners}
    }


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        report = main(*sys.argv[1:])
    print(json.dumps(report))  # noqa: T201  # read by the process that started this one

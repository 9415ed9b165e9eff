"""Script that prints what importing and opening a backend brings, and has it work once.

It runs in a new Python process, where nothing is imported yet, and writes the arrays of a result
into a folder.
"""

from __future__ import annotations

import builtins
import contextlib
import io
import json
import logging
import re
import sys
import warnings
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

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


def main(backend: str, operation: str, folder: str) -> dict[str, Any]:
    """Return heavy modules, those that the backend's package imports, all loaded, and complaints.

    ``warned`` are warnings of what importing or opening it left behind, ``printed`` is what it
    wrote to the terminal.
    """
    logging.getLogger("autovoice_core").setLevel(logging.CRITICAL)
    printed = io.StringIO()
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stderr(printed):
        warnings.simplefilter("always")
        report, subject = _open(backend, operation)
    plugin = backend.partition("/")[0]
    ours = (f"plugin {plugin!r} (", f"{backend} (")
    texts = [str(item.message) for item in warned]
    report["warned"] = [text for text in texts if text.startswith(ours)]
    report["printed"] = printed.getvalue()
    if subject is not None:
        _work_once(backend, operation, subject, folder)
    return report


def _work_once(backend: str, operation: str, subject: Any, folder: str) -> None:
    from autovoice_core.testing import contracts

    kinds = (getattr(contracts, name) for name in contracts.__all__)
    contract = next(kind for kind in kinds if kind.operation == operation)
    own: Any = type("Own", (contract,), {"backend": backend})()
    for number, values in enumerate(own.sample_result(subject)):
        np.save(Path(folder, f"{number}.npy"), values)


def _open(backend: str, operation: str) -> tuple[dict[str, Any], Any]:
    """Return the report, and the opened backend if it is available."""
    imported = _watch_imports()
    from autovoice_core.backends.plugins.registry import catalogue

    offers = catalogue([backend.partition("/")[0]]).offers
    entry = next(e for e in offers if (e.name, e.operation) == (backend, operation))
    heavy = [name for name in HEAVY if name in sys.modules]
    error, subject = "", None
    from autovoice_core.backends.choice.selection import select
    from autovoice_core.backends.need import Need

    offer = entry.offer
    try:
        need = Need(devices=offer.devices, dtype=offer.dtypes[0])
        subject = select(entry.operation, need, name=backend).open()
    except LookupError as unavailable:
        error = str(unavailable)
    own = re.split(r"[.:]", offer.load, maxsplit=1)[0]
    found = {module for importer, module in imported if importer == own}
    free = {own, "autovoice_core", *sys.stdlib_module_names, *_modules_of_core()}
    loaded = {name.partition(".")[0] for name in sys.modules}
    used = sorted((found & loaded) - free)
    return {"heavy": heavy, "used": used, "loaded": sorted(loaded), "error": error}, subject


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

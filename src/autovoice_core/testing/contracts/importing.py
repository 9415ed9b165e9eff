"""Run in a fresh Python: says what a backend imports before it is chosen, and once it is open."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
from collections.abc import Iterable, Iterator
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
"""What no entry point may import."""


def main(backend: str, operation: str) -> dict[str, Any]:
    """Return heavy modules, those used without being required, and all that were loaded."""
    from autovoice_core.backends.catalogue import catalogue

    entry = next(e for e in catalogue().offers if (e.name, e.operation) == (backend, operation))
    heavy = [name for name in HEAVY if name in sys.modules]
    error = ""
    before = set(sys.modules)
    from autovoice_core.backends.offer import Need
    from autovoice_core.backends.selection import select

    try:
        offer = entry.offer
        need = Need(devices=offer.devices, dtype=offer.dtypes[0])
        select(entry.operation, need, name=backend).open()
    except LookupError as refused:
        error = str(refused)
    loaded = {name.partition(".")[0] for name in sys.modules}
    fresh = {name.partition(".")[0] for name in set(sys.modules) - before}
    explained = _modules_of(_needed([*_owners(offer.imports), "autovoice-core"]))
    own = {offer.load.partition(".")[0].partition(":")[0], "autovoice_core"}
    installed = set(metadata.packages_distributions())
    used = (fresh & installed) - explained - own - set(sys.stdlib_module_names)
    used = {name for name in used if not name.startswith("_")}
    return {"heavy": heavy, "used": sorted(used), "loaded": sorted(loaded), "error": error}


def _owners(modules: Iterable[str]) -> Iterator[str]:
    owners = metadata.packages_distributions()
    for module in modules:
        yield from owners.get(module, ())


def _needed(names: Iterable[str]) -> set[str]:
    """Return distributions and everything they require, in turn."""
    found: set[str] = set()
    todo = [_normal(name) for name in names]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        found.add(name)
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        todo += [_normal(re.split(r"[^\w.-]", text, maxsplit=1)[0]) for text in requires]
    return found


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _modules_of(names: set[str]) -> set[str]:
    return {
        module
        for module, owners in metadata.packages_distributions().items()
        if names & {_normal(owner) for owner in owners}
    }


if __name__ == "__main__":
    with contextlib.redirect_stdout(io.StringIO()):
        seen = main(*sys.argv[1:])
    print(json.dumps(seen))  # noqa: T201  # the answer to who started this

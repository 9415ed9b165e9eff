"""Packages that were built for others than those installed: torch, CuPy, NumPy, setuptools."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from autovoice_core.cli.doctor.environment import Environment, is_cupy
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.gpu import find_driver, newest_cuda
from autovoice_core.cli.doctor.installed import Installed
from autovoice_core.cli.doctor.versions import is_within, local_label, release

_IMPORTS_PKG_RESOURCES = re.compile(rb"^(?:import|from) pkg_resources\b", re.MULTILINE)


def check_torch_family(environment: Environment) -> Iterator[Finding]:
    """Yield torchaudio and torchvision that were built for another torch."""
    first = environment.in_force
    torch = first.get("torch")
    for item in map(first.get, ("torchaudio", "torchvision")):
        if torch is None or item is None:
            continue
        bounds = _bounds(item, "torch")
        labels = local_label(torch.version), local_label(item.version)
        if not is_within(torch.version, bounds):
            why = f"needs torch{bounds}, but torch {torch.version} is installed"
        elif all(labels) and labels[0] != labels[1]:
            why = f"is built for {labels[1]}, but torch {torch.version} for {labels[0]}"
        else:
            continue
        yield Finding(
            "torch-builds",
            environment.severity([item.key]),
            f"{item.name} {item.version} {why}; importing it fails",
            "pip install --upgrade --force-reinstall "
            + " ".join(name for name in ("torch", "torchaudio", "torchvision") if name in first),
        )


def check_cupy(environment: Environment) -> Iterator[Finding]:
    """Yield several packages that hold CuPy, which overwrite each other's files."""
    found = {item.key: item for item in environment.installed if is_cupy(item)}
    if len(found) < 2:
        return
    names = sorted(found)
    driver = find_driver()
    supported = newest_cuda(driver) if driver else None
    builds = [name for name in names if name.startswith("cupy-cuda")]
    fitting = [name for name in builds if supported is None or _generation(name) <= supported]
    kept = max(fitting or builds or names, key=_generation)
    yield Finding(
        "cupy-twice",
        environment.severity(names),
        f"{' and '.join(names)} are installed, which overwrite each other's files; keep one",
        f"pip uninstall -y {' '.join(names)} && pip install '{_with_toolkit(kept)}'",
    )


def check_numpy_1(environment: Environment) -> Iterator[Finding]:
    """Yield packages whose binaries were built for NumPy 1, where NumPy is newer."""
    first = environment.in_force
    numpy = first.get("numpy")
    if numpy is None or release(numpy.version) < (2,):
        return
    for item in first.values():
        bounds = _bounds(item, "numpy")
        # Bounds that let in the last release of NumPy 1, and not the first of NumPy 2.
        if is_within("1.26.4", bounds) and not is_within("2.0", bounds):
            yield Finding(
                "numpy-1",
                environment.severity([item.key]),
                f"{item.name} {item.version} is built for NumPy 1 (it needs numpy{bounds}), but "
                f"numpy {numpy.version} is installed",
                f"pip install --upgrade {item.name}",
            )


def check_pkg_resources(environment: Environment) -> Iterator[Finding]:
    """Yield packages that import ``pkg_resources``, where no setuptools has it any more."""
    if find_spec("pkg_resources") is not None:
        return
    first = environment.in_force
    setuptools = first.get("setuptools")
    state = f"setuptools {setuptools.version} lacks it" if setuptools else "setuptools is missing"
    for item in first.values():
        if item.key in environment.used and _imports_pkg_resources(item):
            text = f"{item.name} {item.version} imports pkg_resources, but {state}"
            yield Finding("pkg-resources", "problem", text, "pip install 'setuptools<81'")


def _bounds(item: Installed, name: str) -> str:
    """Return the bounds that a distribution sets to another, on every platform."""
    # What has a marker is for an extra or one platform.
    return ",".join(
        need.bounds for need in item.requirements if need.name == name and not need.marker
    )


def _imports_pkg_resources(item: Installed) -> bool:
    """Return whether a module of the uppermost level of a distribution imports it."""
    single = item.folder / f"{item.module}.py"
    files = [single, *sorted((item.folder / item.module).glob("*.py"))]
    return any(
        b"pkg_resources" in content and _IMPORTS_PKG_RESOURCES.search(content)
        for content in map(_content, files)
    )


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def _generation(name: str) -> int:
    """Return the generation of CUDA that a package of CuPy is for; 0 if its name tells none."""
    found = re.search(r"cuda(\d{2})", name)
    return int(found[1]) if found else 0


def _with_toolkit(name: str) -> str:
    return f"{name}[ctk]" if name.startswith("cupy-cuda") else name

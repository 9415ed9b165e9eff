"""The host: the devices, modules and weights that a machine has.

They are found by looking only: nothing heavy is imported, no device is opened.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from autovoice_core.backends.weights import Weights

FASTEST_FIRST = ("cuda", "rocm", "metal", "cpu")
"""The kinds of device that can be detected, in the order of ``Need(devices=("auto",))``."""


@frozen
class Host:
    """What offers are compared with.

    Attributes
    ----------
    devices
        Kinds of device that are present, fastest first.
    missing_modules
        Modules that were looked for and not found.
    missing_weights
        Weights that were looked for and not found.
    """

    devices: tuple[str, ...] = ("cpu",)
    missing_modules: frozenset[str] = frozenset()
    missing_weights: frozenset[Weights] = frozenset()


def inspect_host(modules: Iterable[str] = (), weights: Iterable[Weights] = ()) -> Host:
    """Return what this machine has, and which ``modules`` (top-level) and ``weights`` it lacks."""
    found = {"cuda": _has_cuda(), "rocm": _has_rocm(), "metal": _has_metal(), "cpu": True}
    return Host(
        devices=tuple(kind for kind in FASTEST_FIRST if found[kind]),
        missing_modules=frozenset(name for name in modules if not _is_installed(name)),
        missing_weights=frozenset(item for item in weights if not item.is_here()),
    )


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ValueError:  # it is imported already and has no __spec__, as some stand-ins have
        return module in sys.modules


def _has_cuda() -> bool:
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in {"", "-1", "NoDevFiles"}:
        return False
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32/nvcuda.dll").exists()
    # WSL shows no /dev/nvidia0: its driver is reached through /dev/dxg and a library of Windows.
    return any(Path("/dev").glob("nvidia[0-9]*")) or Path("/usr/lib/wsl/lib/libcuda.so.1").exists()


def _has_rocm() -> bool:
    return Path("/dev/kfd").exists()


def _has_metal() -> bool:
    return sys.platform == "darwin" and platform.machine() == "arm64"

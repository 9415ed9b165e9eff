"""The kinds of device that core knows by itself, fastest first, and how each is found.

They are described as a plugin describes its own. Each is found by looking only: nothing heavy is
imported, no device is opened.
"""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

from autovoice_core._dlpack import codes_of
from autovoice_core.backends.device import Device


def has_cuda() -> bool:
    """Whether there is NVIDIA's driver, and its devices are not hidden."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in {"", "-1", "NoDevFiles"}:
        return False
    if sys.platform == "win32":
        return Path(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32/nvcuda.dll").exists()
    # WSL shows no /dev/nvidia0: its driver is reached through /dev/dxg and a library of Windows.
    return any(Path("/dev").glob("nvidia[0-9]*")) or Path("/usr/lib/wsl/lib/libcuda.so.1").exists()


def has_rocm() -> bool:
    """Whether there is AMD's driver."""
    return Path("/dev/kfd").exists()


def has_metal() -> bool:
    """Whether this is a Mac with Apple silicon."""
    return sys.platform == "darwin" and platform.machine() == "arm64"


def has_cpu() -> bool:
    """Whether there is a processor: always."""
    return True


def _own(kind: str, memory: str | None) -> Device:
    probe = f"{__name__}:has_{kind}"
    return Device(kind=kind, probe=probe, dlpack=codes_of(kind), memory=memory)


_ON_GPU = "autovoice_core.memory.usage:memory_on_gpu"

OWN_DEVICES = (
    _own("cuda", _ON_GPU),
    _own("rocm", _ON_GPU),
    _own("metal", None),
    _own("cpu", "autovoice_core.memory.usage:memory_of_process"),
)
"""In the order of ``Need(devices=("auto",))``."""

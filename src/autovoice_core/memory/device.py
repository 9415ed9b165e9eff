"""What lies on a GPU: as NVIDIA's management library says, and as the array libraries say.

Nothing is imported that is not in use: of the array libraries only those are asked that the
program has loaded itself.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attrs import frozen

Figures = dict[str, int]
"""Bytes by name: ``device`` (in use by everybody), ``process`` (by this one), and for each array
library ``cupy used`` and ``cupy held``, ``torch used`` and ``torch held``."""


@frozen
class Device:
    """A GPU as the management library knows it, while that is open."""

    name: str
    total: int
    _nvml: Any
    _handle: Any

    def figures(self) -> Figures:
        """Return what is in use on it. Inside a container a process may not know itself."""
        found: Figures = {}
        with suppress(self._nvml.NVMLError):
            found["device"] = int(self._nvml.nvmlDeviceGetMemoryInfo(self._handle).used)
            for each in self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle):
                if each.pid == os.getpid() and each.usedGpuMemory is not None:
                    found["process"] = int(each.usedGpuMemory)
        return found


class NoDeviceError(Exception):
    """There is no GPU to look at; says why."""


@contextmanager
def looked_at(number: int) -> Iterator[Device]:
    """Open the management library and yield a GPU, by its number among those that are visible.

    Raises
    ------
    NoDeviceError
        There is none, no driver, or the library is not installed.
    """
    try:
        import pynvml as nvml
    except ImportError as error:
        raise NoDeviceError(
            "nvidia-ml-py is not installed; pip install 'autovoice-core[memory]'"
        ) from error
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise NoDeviceError(f"the driver does not answer: {error}") from error
    try:
        try:
            handle = _handle(nvml, number)
            name, total = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetMemoryInfo(handle).total
        except nvml.NVMLError as error:
            raise NoDeviceError(f"the driver shows no device {number}: {error}") from error
        yield Device(name, int(total), nvml, handle)
    finally:
        nvml.nvmlShutdown()


def _handle(nvml: Any, number: int) -> Any:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return nvml.nvmlDeviceGetHandleByIndex(number)
    shown = [name.strip() for name in visible.split(",") if name.strip()]
    if number >= len(shown):
        raise NoDeviceError(f"CUDA_VISIBLE_DEVICES shows no device {number}")
    if shown[number].isdigit():
        return nvml.nvmlDeviceGetHandleByIndex(int(shown[number]))
    return nvml.nvmlDeviceGetHandleByUUID(shown[number])


def pools(number: int) -> Figures:
    """Return what the pools of the array libraries in use hold of a GPU, and how much of it is."""
    found: Figures = {}
    cupy, torch = sys.modules.get("cupy"), sys.modules.get("torch")
    # A library that is half imported, or that finds no driver, has nothing there.
    if cupy is not None:
        with suppress(Exception), cupy.cuda.Device(number):
            pool = cupy.get_default_memory_pool()
            found |= {"cupy used": pool.used_bytes(), "cupy held": pool.total_bytes()}
    if torch is not None:
        with suppress(Exception):
            if torch.cuda.is_initialized():
                stats = torch.cuda.memory_stats(number)
                found["torch used"] = stats.get("allocated_bytes.all.current", 0)
                found["torch held"] = stats.get("reserved_bytes.all.current", 0)
    return found

"""Memory in use on a GPU, by NVIDIA's management library and by the array libraries.

Only those array libraries are queried that the program itself has imported.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from attrs import frozen

Figures = dict[str, int]
"""Bytes by name: ``device`` (in use by all processes), ``process`` (by this one), and for each
array library ``cupy used`` and ``cupy held``, ``torch used`` and ``torch held``."""


@frozen
class GPU:
    """A GPU of the management library, valid while the library is open."""

    name: str
    total: int
    _nvml: Any
    _handle: Any

    def figures(self) -> Figures:
        """Return what is in use; ``process`` is missing inside some containers."""
        found: Figures = {}
        with suppress(self._nvml.NVMLError):
            found["device"] = int(self._nvml.nvmlDeviceGetMemoryInfo(self._handle).used)
            for each in self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle):
                if each.pid == os.getpid() and each.usedGpuMemory is not None:
                    found["process"] = int(each.usedGpuMemory)
        return found


class NoGPUError(Exception):
    """No GPU can be inspected; says why."""


@contextmanager
def open_gpu(number: int) -> Iterator[GPU]:
    """Open the management library and yield a GPU, by its number among the visible ones.

    Raises
    ------
    NoGPUError
        There is no such GPU, no driver, or the library is not installed.
    """
    try:
        import pynvml as nvml
    except ImportError as error:
        raise NoGPUError(
            "nvidia-ml-py is not installed; pip install 'autovoice-core[memory]'"
        ) from error
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        raise NoGPUError(f"the driver does not answer: {error}") from error
    try:
        try:
            handle = _handle(nvml, number)
            name, total = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetMemoryInfo(handle).total
        except nvml.NVMLError as error:
            raise NoGPUError(f"the driver shows no device {number}: {error}") from error
        yield GPU(name, int(total), nvml, handle)
    finally:
        nvml.nvmlShutdown()


def _handle(nvml: Any, number: int) -> Any:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return nvml.nvmlDeviceGetHandleByIndex(number)
    shown = [name.strip() for name in visible.split(",") if name.strip()]
    if number >= len(shown):
        raise NoGPUError(f"CUDA_VISIBLE_DEVICES shows no device {number}")
    if shown[number].isdigit():
        return nvml.nvmlDeviceGetHandleByIndex(int(shown[number]))
    return nvml.nvmlDeviceGetHandleByUUID(shown[number])


def pool_figures(number: int) -> Figures:
    """Return what the memory pools of loaded array libraries hold and use of a GPU."""
    found: Figures = {}
    cupy, torch = sys.modules.get("cupy"), sys.modules.get("torch")
    # A library that is partly imported, or that finds no driver, holds nothing there.
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

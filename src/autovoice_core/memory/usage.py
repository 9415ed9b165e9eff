"""The memory that this process has in use, as counted against a limit."""

from __future__ import annotations

import ctypes
import math
import os
import sys
from contextlib import suppress
from pathlib import Path

from autovoice_core._errors import ArgumentError
from autovoice_core.memory.gpu import NoGPUError, open_gpu, pool_figures


def memory_of_process() -> int:
    """Return the bytes of memory that this process has in use.

    Raises
    ------
    InputError
        They can't be measured on this platform.
    """
    statm = Path("/proc/self/statm")
    if statm.exists():
        _trim_heap()
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import psutil
    except ImportError as error:
        raise ArgumentError(
            f"memory_limit: memory in use can't be measured on {sys.platform} without psutil; "
            "pip install 'autovoice-core[memory]'"
        ) from error
    return int(psutil.Process().memory_info().rss)


def memory_of_machine() -> float:
    """Return the bytes of memory that this machine has; infinite where it does not tell."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):  # not a Unix
        return math.inf


def _trim_heap() -> None:
    """Let the C library return freed memory to the system, so that it is not counted."""
    with suppress(OSError, AttributeError):  # not the GNU C library
        ctypes.CDLL(None).malloc_trim(0)


def memory_on_gpu() -> int:
    """Return the bytes that this process holds of the first GPU.

    What array libraries keep there for reuse is not counted.
    """
    pools = pool_figures(0)
    free = sum(size if name.endswith("held") else -size for name, size in pools.items())
    with suppress(NoGPUError), open_gpu(0) as gpu:
        process = gpu.figures().get("process")
        if process is not None:
            return max(0, process - free)
    return sum(size for name, size in pools.items() if name.endswith("used"))

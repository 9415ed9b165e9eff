"""What this process holds, to be counted against a limit."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

from autovoice_core._errors import InputError
from autovoice_core.memory.device import NoDeviceError, looked_at, pools


def held(device: str) -> int:
    """Return bytes that this process holds and can't give back.

    Parameters
    ----------
    device
        ``"cpu"``: the memory of the process. Another: what it holds of the first GPU, without
        what array libraries keep there for later.

    Raises
    ------
    InputError
        It can't be found out here.
    """
    return _of_process() if device == "cpu" else _of_gpu()


def _of_process() -> int:
    statm = Path("/proc/self/statm")
    if statm.exists():
        _give_back()
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import psutil
    except ImportError as error:
        raise InputError(
            f"memory_limit: what a process holds can't be told on {sys.platform} without psutil; "
            "pip install 'autovoice-core[memory]'"
        ) from error
    return int(psutil.Process().memory_info().rss)


def _give_back() -> None:
    """Let the C library return what it keeps for later; it is no memory that is in use."""
    with suppress(OSError, AttributeError):  # another C library than GNU's
        ctypes.CDLL(None).malloc_trim(0)


def _of_gpu() -> int:
    kept = pools(0)
    free = sum(size if name.endswith("held") else -size for name, size in kept.items())
    with suppress(NoDeviceError), looked_at(0) as gpu:
        process = gpu.figures().get("process")
        if process is not None:
            return max(0, process - free)
    return sum(size for name, size in kept.items() if name.endswith("used"))

"""HostMachine, which compiles CUDA C++ for the processor with ``host/on_host.h`` and runs it."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from functools import cache
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest

SHIM = Path(__file__).with_name("host") / "on_host.h"
FAULTS = {
    1: "its threads wait for one another",
    2: "it writes outside its shared memory",
    3: "it reads or writes words at odd addresses",
}


class HostMachine:
    """A :class:`~autovoice_cuda.kernels.machine.Machine` on NumPy arrays."""

    xp = xp

    def __init__(self, *, shared: int = 1 << 17, processors: int = 1) -> None:
        if shutil.which("g++") is None:
            pytest.skip("no C++ compiler (g++) to run CUDA C++ on the processor with")
        self.shared, self.processors = shared, processors
        self.launched: list[str] = []

    def launch(
        self,
        source: str,
        kernel: str,
        macros: tuple[str, ...],
        grid: tuple[int, int],
        block: int,
        shared: int,
        *arguments: Any,
    ) -> None:
        library = compiled(source, macros)
        held = []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                assert argument.flags.c_contiguous
                held.append(np.array(argument.ctypes.data, np.uintp))
            else:
                assert isinstance(argument, np.generic), argument
                held.append(np.array(argument))
        pointers = (ctypes.c_void_p * len(held))(*(value.ctypes.data for value in held))
        run = getattr(library, f"run_{kernel}")
        fault = run(*(ctypes.c_uint(n) for n in (*grid, block)), ctypes.c_size_t(shared), pointers)
        assert not fault, f"{kernel}: {FAULTS[fault]}"
        self.launched.append(kernel)


@cache
def compiled(source: str, macros: tuple[str, ...]) -> ctypes.CDLL:
    text = (files("autovoice_cuda") / "kernels" / source).read_text()
    names = re.findall(r'extern "C" __global__ void(?: __launch_bounds__\(.*?\))?\s+(\w+)\(', text)
    folder = Path(mkdtemp())
    unit = folder / "unit.cpp"
    runnable = "\n".join(f"RUNNABLE({name})" for name in names)
    unit.write_text(f'#include "{SHIM}"\n#line 1 "{source}"\n{text}\n{runnable}\n')
    options = ["-std=c++17", "-O2", "-ffp-contract=off", "-fPIC", "-w", "-fsanitize=alignment"]
    options += [f"-D{macro}" for macro in macros]
    built, library = folder / "unit.o", folder / "unit.so"
    subprocess.run(["g++", *options, "-c", "-o", built, unit], check=True)
    # What the sanitizer calls is in the shim, not in its own library.
    subprocess.run(["g++", "-shared", "-o", library, built], check=True)
    return ctypes.CDLL(str(library))

"""Registers, spills and shared memory of every GPU kernel, compiled without a GPU.

    python benchmarks/kernel_resources.py [--arch 80 90] [--json]

CUDA C++ is compiled by NVRTC (of the package nvidia-cuda-nvrtc, or any found), Triton by its own
compiler and the ptxas that it brings. Compilers that are not installed are listed as left out.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from gpu_kernels import CUDA, TRITON


def report(architectures: list[int]) -> tuple[list[dict[str, Any]], list[str]]:
    """Return a row for each kernel and architecture, and what was left out and why."""
    rows: list[dict[str, Any]] = []
    missing = []
    nvrtc = find_nvrtc()
    if find_spec("autovoice_cuda") is None:
        missing.append("cuda: autovoice-cuda is not installed")
    elif nvrtc is None:
        missing.append("cuda: no NVRTC; install nvidia-cuda-nvrtc")
    else:
        for source, macros in CUDA.items():
            for architecture in architectures:
                text = (files("autovoice_cuda") / "kernels" / source).read_text()
                log = compile_cuda(nvrtc, text, macros, architecture)
                rows += read(log, architecture)
    if find_spec("autovoice_triton") is None or find_spec("triton") is None:
        missing.append("triton: autovoice-triton or triton is not installed")
    else:
        for name in TRITON:
            for architecture in architectures:
                rows.append(compile_triton(name, architecture))
    return rows, missing


def read(log: str, architecture: int) -> Iterator[dict[str, Any]]:
    """Read what ptxas says of each CUDA kernel; its shared memory is asked for at launch."""
    pattern = (
        r"entry function '(\w+)' for.*?(\d+) bytes stack frame, (\d+) bytes spill stores, "
        r"(\d+) bytes spill loads.*?Used (\d+) registers"
    )
    for name, stack, stores, loads, registers in re.findall(pattern, log, re.DOTALL):
        yield {
            "kernel": f"cuda {name}",
            "architecture": f"sm_{architecture}",
            "registers": int(registers),
            "spilled_bytes": int(stores) + int(loads) + int(stack),
            "shared_bytes": None,
        }


@cache
def find_nvrtc() -> Any:
    """Return NVRTC, from a package of NVIDIA's or the system; None if there is none."""
    spec = find_spec("nvidia")
    folders = [Path(place) for place in spec.submodule_search_locations or []] if spec else []
    found = [str(path) for folder in folders for path in folder.rglob("libnvrtc.so*")]
    for name in [*sorted(found, reverse=True), "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"]:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    return None


def compile_cuda(nvrtc: Any, text: str, macros: tuple[str, ...], architecture: int) -> str:
    """Return what the compilers say of CUDA C++; raise if they refuse it."""
    from autovoice_cuda.device import COMPILER_OPTIONS

    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernels.cu", 0, None, None)
    options = [*COMPILER_OPTIONS, *(f"-D{macro}" for macro in macros)]
    options += [f"-arch=sm_{architecture}", "--ptxas-options=-v"]
    array = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    failed = nvrtc.nvrtcCompileProgram(program, len(options), array)
    nvrtc.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    nvrtc.nvrtcGetProgramLog(program, log)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    if failed:
        raise RuntimeError(log.value.decode())
    return log.value.decode()


def compile_triton(name: str, architecture: int) -> dict[str, Any]:
    """Return what a Triton kernel takes; raise if it is refused."""
    import importlib

    import triton
    from triton.backends.compiler import GPUTarget
    from triton.compiler import ASTSource

    module, _, function = name.partition(".")
    kernel = getattr(importlib.import_module(f"autovoice_triton.kernels.{module}"), function)
    kinds, names, constants, warps = TRITON[name]
    signature = dict(zip(names.split(), kinds.split(), strict=True))
    signature |= dict.fromkeys(constants, "constexpr")
    done = triton.compile(
        ASTSource(fn=kernel, signature=signature, constexprs=constants),
        target=GPUTarget("cuda", architecture, 32),
        options={"num_warps": warps, "enable_fp_fusion": False},
    )
    tool = Path(triton.__file__).parent / "backends/nvidia/bin/cuobjdump"
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(done.asm["cubin"])
        file.flush()
        said = subprocess.run(
            [tool, "-res-usage", file.name], check=True, capture_output=True, text=True
        )
    found = re.search(r"REG:(\d+) STACK:(\d+).*? LOCAL:(\d+)", said.stdout)
    assert found, said.stdout
    registers, stack, local = map(int, found.groups())
    return {
        "kernel": f"triton {function}",
        "architecture": f"sm_{architecture}",
        "registers": registers,
        "spilled_bytes": stack + local,
        "shared_bytes": int(done.metadata.shared),
    }


def main() -> None:
    """Print the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--arch", type=int, nargs="+", default=[80, 90])
    parser.add_argument("--json", action="store_true", help="print data for scripts")
    asked = parser.parse_args()
    rows, missing = report(asked.arch)
    if asked.json:
        print(json.dumps({"kernels": rows, "left_out": missing}, indent=1))
        return
    print(f"{'kernel':24}{'for':8}{'registers':>10}{'spilled B':>11}{'shared B':>10}")
    for row in rows:
        shared = "-" if row["shared_bytes"] is None else row["shared_bytes"]
        print(
            f"{row['kernel']:24}{row['architecture']:8}{row['registers']:10}"
            f"{row['spilled_bytes']:11}{shared:>10}"
        )
    for line in missing:
        print(f"left out: {line}")


if __name__ == "__main__":
    main()

"""Registers, spills and shared memory of every GPU kernel, compiled here for GPUs that are not.

    python benchmarks/kernel_resources.py [--arch 80 90] [--json]

CUDA C++ goes through NVRTC (of the package nvidia-cuda-nvrtc, or any that is found), Triton
through its own compiler and the ptxas that it brings. What is not installed is left out by name.
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

CUDA = {  # the macros with which each source is compiled for singing at 44.1 kHz
    "preprocess.cu": (),
    "correlate.cu": ("FRAMES=16", "SUM=int", "NO_CANDIDATE=-1048576", "PERFECT_SCORE=4096"),
    "decode.cu": ("SPAN=64", "NO_CANDIDATE=-1048576", "FORBIDDEN_SCORE=(-268435456)"),
    "smoothing.cu": ("NO_CANDIDATE=-1048576", "PERFECT_SCORE=4096", "TIME_STEPS=64"),
    "unit_selection.cu": (),
    "synthesis.cu": (),
}
TRITON: dict[str, tuple[str, str, dict[str, Any], int]] = {  # types, constants, warps
    "preprocess.decimate": (
        "*fp32 i64 *i64 fp32 fp32 *i32 i32 i32 *i32 i64",
        "samples width lengths scale clip_level taps tap_count factor low row",
        {"CUT": True, "FLOATING": True, "BLOCK": 256},
        4,
    ),
    "preprocess.high_pass": (
        "*i32 i64 i64 *i64 i32 i32 *i32 *i64",
        "low row width lengths factor reach signal energy",
        {"CUT": True, "AVERAGE": 512, "BLOCK": 256},
        4,
    ),
    "preprocess.attenuation": (
        "*i64 i32 i32 i32 i64 *i32",
        "energy count reach gate min_energy result",
        {"BLOCK": 128},
        4,
    ),
    "correlate.load_frame": (
        "*i32 i64 *i64 i32 *i16 *i64",
        "signal length centres reach x known",
        {"SIZE": 2048},
        4,
    ),
    "correlate.correlate": (
        "*i16 *i64 i32 *i32 i32 i32 *fp64",
        "x known first widths lags reach r",
        {"SIZE": 2048, "GROUP": 32, "TIME": 64},
        4,
    ),
    "correlate.keep_peaks": (
        "*fp64 i32 *i32 i32 i32 *i32 *fp64",
        "r first costs lags candidates score top",
        {"LAGS": 512, "PERFECT_SCORE": 4096, "NO_CANDIDATE": -(1 << 20)},
        4,
    ),
    "decode.products": (
        "*i32 *i32 *i1 *i32 *u8 i64 i32 *i32 *i64",
        "score log_lag voiced weights begins frames candidates matrices offsets",
        {"SPAN": 64, "STATES": 32, "NO_CANDIDATE": -(1 << 20), "FORBIDDEN_SCORE": -(1 << 28)},
        1,
    ),
    "decode.entries": (
        "*i32 *i64 *i64 i32 *i32",
        "matrices offsets edges candidates entered",
        {"SPAN": 64, "STATES": 32, "FORBIDDEN_SCORE": -(1 << 28)},
        1,
    ),
    "decode.forward": (
        "*i32 *i32 *i1 *i32 *u8 i64 i32 *i32 *u8 *u8 *u8",
        "score log_lag voiced weights begins frames candidates entered back across final",
        {"SPAN": 64, "STATES": 32, "NO_CANDIDATE": -(1 << 20), "FORBIDDEN_SCORE": -(1 << 28)},
        1,
    ),
    "decode.exits": (
        "*u8 *u8 *i64 i64 *u8",
        "across final edges frames left",
        {"SPAN": 64, "STATES": 32},
        1,
    ),
    "decode.trace": (
        "*u8 *u8 i64 i32 *i32",
        "back left frames candidates path",
        {"SPAN": 64, "STATES": 32},
        1,
    ),
    "smoothing.reinforce": (
        "*i32 *i32 *i64 i32 i32 i32 i32 i32 *i32",
        "score log_lag positions frames span distance cost gain reinforced",
        {"NO_CANDIDATE": -(1 << 20), "BLOCK": 128},
        4,
    ),
    "smoothing.regression_shift": (
        "*i32 *i32 *i1 *i64 i32 i32 i32 i32 i32 *fp64",
        "score log_lag voiced positions frames span neighbours tolerance slope shifts",
        {"PERFECT_SCORE": 4096, "TIME_STEPS": 64, "BLOCK": 128},
        4,
    ),
    "unit_selection.nearest": (
        "*fp32 *fp32 *fp32 i32 i32 *i64 *fp32",
        "products norms own references k index distance",
        {"BLOCK": 1024},
        4,
    ),
    "unit_selection.cheapest_path": (
        "*fp64 *fp64 i32 i32 *i16 *i64",
        "local steps length states origins path",
        {"STATES": 128},
        8,
    ),
    "synthesis.oscillate": (
        "*fp64 i32 *fp32 *fp32 i32 i32 *fp64 *fp32",
        "phase count real imaginary frames harmonics spacing signal",
        {"BLOCK": 128, "GROUP": 8},
        4,
    ),
    "synthesis.overlap_add": (
        "*fp32 i32 i32 *i64 *i32 i32 *fp32",
        "frames count size starts order length signal",
        {"BLOCK": 256, "STEPS": 12},
        4,
    ),
}


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
    from autovoice_cuda.device import OPTIONS

    program, size = ctypes.c_void_p(), ctypes.c_size_t()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), text.encode(), b"kernels.cu", 0, None, None)
    options = [*OPTIONS, *(f"-D{macro}" for macro in macros)]
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
    print(f"{'kernel':20}{'for':8}{'registers':>10}{'spilled B':>11}{'shared B':>10}")
    for row in rows:
        shared = "-" if row["shared_bytes"] is None else row["shared_bytes"]
        print(
            f"{row['kernel']:20}{row['architecture']:8}{row['registers']:10}"
            f"{row['spilled_bytes']:11}{shared:>10}"
        )
    for line in missing:
        print(f"left out: {line}")


if __name__ == "__main__":
    main()

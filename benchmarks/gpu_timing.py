"""Measurement of GPU kernels: a clock, and the limits of the chip."""

from __future__ import annotations

import contextlib
import datetime
import importlib
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

MAD = r"""
extern "C" __global__ void mad(int* out, int rounds) {
    KIND a = threadIdx.x | 1, s[8] = {};
    for (int n = 0; n < rounds; n++)
#pragma unroll
        for (int k = 0; k < 8; k++) s[k] = s[k] * a + k;
    KIND total = 0;
    for (int k = 0; k < 8; k++) total += s[k];
    if (total == 1) out[0] = (int)total;
}
"""


def machine() -> dict[str, Any]:
    """Return what was measured on."""
    import torch

    facts = torch.cuda.get_device_properties(0)
    versions = {}
    for name in ("torch", "triton", "cupy", "torchaudio", "numpy"):
        try:
            versions[name] = importlib.import_module(name).__version__
        except Exception as error:  # noqa: BLE001
            versions[name] = f"does not import: {type(error).__name__}"
    return {
        "device": facts.name,
        "memory_bytes": facts.total_memory,
        "processors": facts.multi_processor_count,
        "capability": f"{facts.major}.{facts.minor}",
        "cuda": torch.version.cuda,
        "python": platform.python_version(),
        "date": datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
        "versions": versions,
    }


def median_ms(work: Callable[[], Any], iterations: int) -> float:
    """Return the median time of ``work`` on the device, by events, after a first run."""
    import torch

    work()
    torch.cuda.synchronize()
    times = []
    for _ in range(iterations):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        work()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end))
    return statistics.median(times)


def wall_ms(work: Callable[[], Any], iterations: int) -> float:
    """Return the median time of ``work`` by the clock, until the device is done."""
    import torch

    times = []
    for _ in range(iterations):
        torch.cuda.synchronize()
        begin = time.perf_counter()
        work()
        torch.cuda.synchronize()
        times.append(1e3 * (time.perf_counter() - begin))
    return statistics.median(times)


def ceilings(iterations: int) -> dict[str, float | None]:
    """Measure what the chip can do: bytes a second by a copy, whole-number multiply-adds."""
    import torch

    source = torch.empty(1 << 28, dtype=torch.int32, device="cuda")
    target = torch.empty_like(source)
    copy = 2 * source.nbytes / median_ms(lambda: target.copy_(source), iterations) * 1e3
    try:
        import cupy
    except ImportError:
        return {"bytes_per_s": copy, "int32_mad_per_s": None, "float32_mad_per_s": None}
    out = cupy.zeros(1, cupy.int32)
    blocks, threads, rounds = (
        16 * torch.cuda.get_device_properties(0).multi_processor_count,
        256,
        4096,
    )

    def mads(kind: str) -> float:
        kernel = cupy.RawKernel(MAD, "mad", options=(f"-DKIND={kind}",))

        def run() -> None:
            with stream_of("cuda"):
                kernel((blocks,), (threads,), (out, np.int32(rounds)))

        return 8 * rounds * blocks * threads / median_ms(run, iterations) * 1e3

    return {
        "bytes_per_s": copy,
        "int32_mad_per_s": mads("int"),
        "float32_mad_per_s": mads("float"),
    }


def stream_of(backend: str) -> Any:
    """Return a context in which a backend works on torch's stream, whose events time it."""
    if backend != "cuda":
        return contextlib.nullcontext()
    import cupy
    import torch

    from autovoice_cuda.device import ForeignStream

    address = torch.cuda.current_stream().cuda_stream
    return cupy.cuda.Stream.from_external(ForeignStream(address))

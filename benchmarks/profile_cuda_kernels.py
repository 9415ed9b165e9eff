"""Time the GPU kernels beside the chip's limits and other trackers.

    python benchmarks/profile_cuda_kernels.py --kernel pitch_detection --iterations 30
    python benchmarks/profile_cuda_kernels.py --kernel all --write

Times are medians by CUDA events; "from Python" is by the clock, from the call to the end of its
work. Limits are measured on the same device in the same run. --write puts everything into
benchmarks/results/<device>-<date>.json.
"""

from __future__ import annotations

import argparse
import datetime
import importlib
import json
import platform
import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gpu_peers import present

from autovoice_core.recipes.pitch_batch import Plan
from autovoice_core.recipes.pitch_front import LOUDEST
from autovoice_core.recipes.pitch_tuning import FLOOR, FULL_SCALE, Tuning
from autovoice_core.testing.truth import SINGERS, sing

RATE, HOP, CLIP = 44_100, 512, 10.0
KERNELS = ("pitch_detection", "front", "softness", "correlate", "decode")
BATCH = 512
MAD = r"""
extern "C" __global__ void mad(int* out, int rounds) {
    int a = threadIdx.x | 1, s[8] = {};
    for (int n = 0; n < rounds; n++)
#pragma unroll
        for (int k = 0; k < 8; k++) s[k] = s[k] * a + k;
    int total = 0;
    for (int k = 0; k < 8; k++) total += s[k];
    if (total == 1) out[0] = total;
}
"""


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kernel", choices=[*KERNELS, "all"], default="all")
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--write", action="store_true", help="into benchmarks/results/")
    asked = parser.parse_args()
    backends, missing = usable()
    if not backends:
        sys.exit("nothing to profile: " + "; ".join(missing))
    kernels = KERNELS if asked.kernel == "all" else (asked.kernel,)
    report: dict[str, Any] = {
        "machine": machine(),
        "ceilings": ceilings(asked.iterations),
        "settings": {"sample_rate": RATE, "hop_length": HOP, "iterations": asked.iterations},
        "rows": [],
        "left_out": missing,
    }
    for backend in backends:
        if "pitch_detection" in kernels:
            report["rows"] += detection(backend, asked.iterations)
        report["rows"] += parts(backend, kernels, asked.iterations, report["ceilings"])
    if "pitch_detection" in kernels:
        rows, left_out = peers(asked.iterations)
        report["rows"] += rows
        report["left_out"] += left_out
    show(report)
    if asked.write:
        name = re.sub(r"\W+", "-", report["machine"]["device"].lower()).strip("-")
        day = datetime.datetime.now(tz=datetime.UTC).date()
        place = Path(__file__).with_name("results") / f"{name}-{day}.json"
        place.parent.mkdir(exist_ok=True)
        place.write_text(json.dumps(report, indent=1) + "\n")
        print(f"written to {place}")


def usable() -> tuple[list[str], list[str]]:
    """Return the backends whose probes go through, and why others' do not."""
    found, missing = [], []
    for backend in ("cuda", "triton"):
        try:
            importlib.import_module(f"autovoice_{backend}.pitch").probe_nccf("cuda")
            found.append(backend)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the reason
            missing.append(f"{backend}: {' '.join(str(error).split())}")
    return found, missing


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
        return {"bytes_per_s": copy, "int32_mad_per_s": None}
    kernel, out = cupy.RawKernel(MAD, "mad"), cupy.zeros(1, cupy.int32)
    blocks, threads, rounds = (
        16 * torch.cuda.get_device_properties(0).multi_processor_count,
        256,
        4096,
    )

    def run() -> None:
        with _stream("cuda"):
            kernel((blocks,), (threads,), (out, np.int32(rounds)))

    return {
        "bytes_per_s": copy,
        "int32_mad_per_s": 8 * rounds * blocks * threads / median_ms(run, iterations) * 1e3,
    }


def clips(count: int, seconds: float) -> Any:
    """Return sung clips on the device, ``(count, samples)``."""
    import torch

    sung = [sing(s, CLIP, RATE, seed=i).audio.numpy()[0] for i, s in enumerate(SINGERS.values())]
    samples = round(seconds * RATE)
    rows = np.stack([np.resize(row, samples) for row in sung])
    return torch.from_numpy(rows).cuda().repeat(-(-count // len(rows)), 1)[:count].contiguous()


def detection(backend: str, iterations: int) -> list[dict[str, Any]]:
    """Time the whole of pitch detection: one clip, a batch, an hour in one piece."""
    launch = importlib.import_module(f"autovoice_{backend}.kernels").launch_pitch_detection
    rows = []
    for what, count, seconds in (
        ("one clip of 10 s", 1, CLIP),
        (f"{BATCH} clips of 10 s", BATCH, CLIP),
        ("one hour", 1, 3600.0),
    ):
        audio = clips(count, seconds)

        def work(audio: Any = audio) -> Any:
            return launch(audio, RATE, HOP)

        took = median_ms(work, iterations)
        rows.append(
            {
                "kernel": "pitch_detection",
                "backend": backend,
                "what": what,
                "ms": took,
                "ms_from_python": wall_ms(work, iterations),
                "audio_hours_per_s": count * seconds / 3600 / took * 1e3,
            }
        )
    return rows


def parts(
    backend: str, kernels: tuple[str, ...], iterations: int, limits: dict[str, float | None]
) -> list[dict[str, Any]]:
    """Time each kernel on a batch, and say what share of the chip's limits it reaches."""
    made = importlib.import_module(f"autovoice_{backend}.pitch").open_nccf(
        device="cuda", dtype="float32"
    )
    xp, own, tuning = made.xp, made.kernels, Tuning()
    audio = clips(BATCH, CLIP)
    if backend == "cuda":
        import cupy

        audio = cupy.from_dlpack(audio)
    plan = Plan.of(RATE, 50.0, 1100.0, tuning)
    batch, samples = audio.shape
    row, frames = plan.row(samples), 1 + samples // HOP
    whole = {"scale": float(FULL_SCALE), "most": LOUDEST}

    def front() -> Any:
        return own.front(audio, None, plan.taps, plan.factor, plan.average, row, **whole)

    signal, energy = front()
    at = (np.arange(batch)[:, None] * row + np.arange(frames) * HOP // plan.factor).reshape(-1)
    at, flat = xp.asarray(at), xp.reshape(signal, (-1,))
    score, lag, place = plan.lags.candidates(xp, own, flat, at, tuning.candidates)
    voiced = xp.ones(at.shape, dtype=xp.bool)
    weights = xp.asarray(np.array([0, tuning.change, tuning.jump, tuning.jump_most], np.int32))
    starts = xp.asarray(np.arange(batch) * frames)
    lags, states = plan.lags, tuning.candidates + 1
    work: dict[str, tuple[Callable[[], Any], float, float]] = {  # multiply-adds, bytes
        "front": (front, batch * row * len(plan.taps) / 2, audio.nbytes + 2 * signal.nbytes),
        "softness": (
            lambda: own.softness(energy, plan.near, tuning.gate, FLOOR),
            0,
            1.5 * energy.nbytes,
        ),
        "correlate": (
            lambda: own.correlate(flat, at, lags.first, lags.widths, lags.costs, tuning.candidates),
            len(at) * float(lags.widths.sum()),
            signal.nbytes + score.nbytes + lag.nbytes,
        ),
        "decode": (
            lambda: own.decode(score, place, voiced, weights, starts),
            len(at) * float(states**3),
            2 * (score.nbytes + place.nbytes) + 2 * len(at) * states,
        ),
    }
    rows = []
    for name, (run, operations, size) in work.items():
        if name not in kernels:
            continue
        with _stream(backend):
            took = median_ms(run, iterations)
        mad, fast = limits["int32_mad_per_s"], limits["bytes_per_s"]
        rows.append(
            {
                "kernel": name,
                "backend": backend,
                "what": f"{BATCH} clips of 10 s",
                "ms": took,
                "share_of_arithmetic": operations / took * 1e3 / mad if mad else None,
                "share_of_memory": size / took * 1e3 / fast if fast else None,
            }
        )
    return rows


def _stream(backend: str) -> Any:
    """Return a context in which a backend works on torch's stream, whose events time it."""
    import contextlib

    if backend != "cuda":
        return contextlib.nullcontext()
    import cupy
    import torch

    from autovoice_cuda.device import ForeignStream

    address = torch.cuda.current_stream().cuda_stream
    return cupy.cuda.Stream.from_external(ForeignStream(address))


def peers(iterations: int) -> tuple[list[dict[str, Any]], list[str]]:
    """Time the peers that are installed on the same clips; few at a time, as some need memory."""
    import torch

    found, missing = present()
    audio, rows = clips(16, CLIP), []
    for name, track in found.items():

        def work(track: Any = track) -> Any:
            return track(audio, RATE, HOP)

        try:
            with torch.inference_mode():
                took = median_ms(work, max(3, iterations // 10))
        except Exception as error:  # noqa: BLE001  # a peer's fault is no fault of the run
            missing.append(f"{name}: {type(error).__name__}: {' '.join(str(error).split())}")
            continue
        hours = 16 * CLIP / 3600 / took * 1e3
        row = {"kernel": "pitch_detection", "backend": name, "what": "16 clips of 10 s", "ms": took}
        rows.append(row | {"audio_hours_per_s": hours})
    return rows, missing


def show(report: dict[str, Any]) -> None:
    """Print the report as a table."""
    limits = report["ceilings"]
    print(f"{report['machine']['device']}, {report['machine']['date']}")
    print(f"limits: {limits['bytes_per_s'] / 1e9:.0f} GB/s", end="")
    mad = limits["int32_mad_per_s"]
    print("" if mad is None else f", {mad / 1e12:.2f} int32 multiply-adds a second (10^12)")
    heads = ("ms", "ms_from_python", "audio_hours_per_s", "share_of_arithmetic", "share_of_memory")
    print(f"\n{'kernel':17}{'by':34}{'on':22}" + "".join(f"{head:>20}" for head in heads))
    for row in report["rows"]:
        cells = "".join(
            f"{row[head]:20.3f}" if row.get(head) is not None else f"{'-':>20}" for head in heads
        )
        print(f"{row['kernel']:17}{row['backend']:34}{row['what']:22}{cells}")
    for line in report["left_out"]:
        print(f"left out: {line}")


if __name__ == "__main__":
    main()

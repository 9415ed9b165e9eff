"""Timings of the GPU kernels, compared with the chip's limits and other trackers.

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
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import arguments
import gpu_pitch
import gpu_songs
from gpu_timing import ceilings, machine, median_ms, stream_of

KERNELS = ("pitch_detection", *gpu_pitch.KERNELS, *gpu_songs.KERNELS, "song")
OFFERS = ("nccf", "wrpca", "retrieval")


def main() -> None:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kernel", choices=[*KERNELS, "all"], default="all")
    parser.add_argument("--iterations", type=arguments.count, default=30)
    parser.add_argument("--write", action="store_true", help="into benchmarks/results/")
    asked = parser.parse_args()
    backends, missing = usable()
    if not backends:
        sys.exit("nothing to profile: " + "; ".join(missing))
    kernels = KERNELS if asked.kernel == "all" else (asked.kernel,)
    report: dict[str, Any] = {
        "machine": machine(),
        "ceilings": ceilings(asked.iterations),
        "settings": {
            "sample_rate": gpu_pitch.RATE,
            "hop_length": gpu_pitch.HOP,
            "iterations": asked.iterations,
        },
        "rows": [],
        "left_out": missing,
    }
    for backend in backends:
        if "pitch_detection" in kernels:
            report["rows"] += gpu_pitch.detection(backend, asked.iterations)
        for part in (gpu_pitch, gpu_songs):
            if set(part.KERNELS) & set(kernels):
                report["rows"] += parts(
                    backend, part, kernels, asked.iterations, report["ceilings"]
                )
        if "song" in kernels:
            report["rows"] += gpu_songs.songs(backend, asked.iterations)
    if "pitch_detection" in kernels:
        rows, left_out = gpu_pitch.peers(asked.iterations)
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
            for offer in OFFERS:
                module = importlib.import_module(f"autovoice_{backend}.{offer}")
                getattr(module, f"probe_{offer}")("cuda")
            found.append(backend)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is the reason
            missing.append(f"{backend}: {' '.join(str(error).split())}")
    return found, missing


def parts(
    backend: str,
    part: ModuleType,
    kernels: tuple[str, ...],
    iterations: int,
    limits: dict[str, float | None],
) -> list[dict[str, Any]]:
    """Time each kernel, and say what share of the chip's limits it reaches."""
    rows: list[dict[str, Any]] = []
    mad, fast = limits[f"{part.ARITHMETIC}_mad_per_s"], limits["bytes_per_s"]
    for name, (run, operations, size) in part.kernel_work(backend).items():
        if name not in kernels:
            continue
        with stream_of(backend):
            took = median_ms(run, iterations)
        rows.append(
            {
                "kernel": name,
                "backend": backend,
                "what": part.WORK,
                "ms": took,
                "share_of_arithmetic": operations / took * 1e3 / mad if mad else None,
                "share_of_memory": size / took * 1e3 / fast if fast else None,
            }
        )
    return rows


def show(report: dict[str, Any]) -> None:
    """Print the report as a table."""
    limits = report["ceilings"]
    print(f"{report['machine']['device']}, {report['machine']['date']}")
    print(f"limits: {limits['bytes_per_s'] / 1e9:.0f} GB/s", end="")
    for kind in ("int32", "float32"):
        mad = limits[f"{kind}_mad_per_s"]
        print("" if mad is None else f", {mad / 1e12:.2f} {kind} multiply-adds", end="")
    print(" a second (10^12 of them)")
    heads = (
        "ms",
        "ms_from_python",
        "audio_hours_per_s",
        "times_real_time",
        "share_of_arithmetic",
        "share_of_memory",
    )
    print(f"\n{'kernel':17}{'by':34}{'on':30}" + "".join(f"{head:>20}" for head in heads))
    for row in report["rows"]:
        cells = "".join(
            f"{row[head]:20.3f}" if row.get(head) is not None else f"{'-':>20}" for head in heads
        )
        print(f"{row['kernel']:17}{row['backend']:34}{row['what']:30}{cells}")
    for line in report["left_out"]:
        print(f"left out: {line}")


if __name__ == "__main__":
    main()

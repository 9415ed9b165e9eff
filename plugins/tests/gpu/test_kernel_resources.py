"""Kernels compile for GPUs that are not here, and keep what they work on in registers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

REPORT = Path(__file__).parents[3] / "benchmarks" / "kernel_resources.py"
HOT = {
    "cuda": {
        *("correlate", "products", "forward", "high_pass"),
        *("decimate_float", "decimate_short"),
        *("reinforce", "regression_shift"),
        *("nearest", "cheapest_path", "oscillate", "overlap_add"),
    },
    "triton": {
        *("load_frame", "correlate", "keep_peaks", "products", "forward", "high_pass", "decimate"),
        *("reinforce", "regression_shift"),
        *("nearest", "cheapest_path", "oscillate", "overlap_add"),
    },
}


@cache
def report() -> dict[str, Any]:
    plain = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, REPORT, "--json"], capture_output=True, text=True, env=plain, check=False
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("backend", HOT)
@pytest.mark.parametrize("architecture", ["sm_80", "sm_90"])
def test_no_kernel_spills(backend: str, architecture: str) -> None:
    for reason in report()["left_out"]:
        if reason.startswith(f"{backend}:"):
            pytest.skip(reason)
    here = [
        row
        for row in report()["kernels"]
        if row["kernel"].startswith(f"{backend} ") and row["architecture"] == architecture
    ]
    assert {row["kernel"].split()[1] for row in here} >= HOT[backend]
    assert {row["kernel"]: row["spilled_bytes"] for row in here if row["spilled_bytes"]} == {}

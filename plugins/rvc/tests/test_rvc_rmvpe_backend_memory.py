"""The memory that RMVPE takes, by what the system gives a new process that runs the true sizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PEAK = Path("/proc/self/clear_refs")
SCRIPT = """
import ctypes, re
from pathlib import Path

import numpy as np
import torch

from autovoice_core import Audio
from autovoice_rvc.networks.rmvpe import Rmvpe, rmvpe_shapes
from autovoice_rvc.rmvpe import RmvpeTracker


def figure(name):
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(name + r":\\s+(\\d+)", status)[1])


torch.set_num_threads(1)
arrays = {name: np.zeros(shape, np.float32) for name, shape in rmvpe_shapes().items()}
tracker = RmvpeTracker(Rmvpe.from_arrays(arrays))
del arrays
audio = Audio(np.full((1, 8 * 16_000), 0.1, np.float32), 16_000)
ctypes.CDLL(None).malloc_trim(0)  # what loading left, which the run would use first
Path("/proc/self/clear_refs").write_text("5")
before = figure("VmRSS")
tracker.estimate(audio, np.arange(0, audio.frames, 160))
print(figure("VmHWM") - before, tracker.memory(audio.frames, 1, 16_000))
"""


@pytest.mark.skipif(not os.access(PEAK, os.W_OK), reason="needs Linux, which tells the peak")
def test_a_window_takes_no_more_than_is_said() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True
    )
    peak, said = (float(number) for number in done.stdout.split())
    assert 0.25 * said < peak < said

"""The whole tracker as CUDA C++: one path with ``cpu/nccf`` in every frame."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest
from on_host import HostMachine

from autovoice_core import Audio
from autovoice_core.pitch.nccf.batch import track_batch
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.testing.truth import SINGERS, add_noise, sing
from autovoice_cpu.kernels.nccf import NumbaPitchKernels
from autovoice_cuda.kernels.nccf import CudaPitchKernels

CPU = Nccf(xp, NumbaPitchKernels(), fmin=50.0, fmax=1100.0)


def batch(rate: int, seconds: float) -> np.ndarray:
    rows = [
        add_noise(sing(SINGERS[name], seconds, rate, seed=3).audio, 20).numpy()[0]
        for name in SINGERS
    ]
    return np.stack([row[: min(map(len, rows))] for row in rows])


@pytest.mark.parametrize(("rate", "hop", "whole"), [(8000, 200, False), (44100, 1024, True)])
def test_a_batch_takes_the_path_of_each_clip_alone(rate: int, hop: int, whole: bool) -> None:
    samples = batch(rate, 0.7)
    if whole:
        samples = np.round(samples * 32767).astype(np.int16)
    count = samples.shape[1]
    lengths = np.array([count, count // 2, 0, count - 1])
    found = track_batch(
        xp,
        CudaPitchKernels(HostMachine()),
        samples,
        rate,
        hop,
        fmin=50.0,
        fmax=1100.0,
        lengths=lengths,
    )
    assert np.mean(found.voiced) > 0.3
    for i, length in enumerate(lengths):
        row = samples[i : i + 1, :length]
        alone = row.astype(np.float32) / 32768 if whole else row
        centres = np.arange(1 + length // hop, dtype=np.int64) * hop
        expected = CPU.estimate(Audio(alone, rate), centres)
        inside = slice(0, len(centres))
        for name in ("f0", "voiced", "confidence"):
            part = getattr(found, name)[i]
            np.testing.assert_array_equal(
                part[inside], getattr(expected, name), f"{name} of row {i}"
            )
            assert not np.any(part[len(centres) :])

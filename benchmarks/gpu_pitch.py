"""The timings of pitch for profile_cuda_kernels.py: the whole, its kernels, and the peers."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np
from gpu_peers import present
from gpu_timing import median_ms, wall_ms

from autovoice_core.pitch.nccf.batch import row_length
from autovoice_core.pitch.nccf.candidates import find_candidates
from autovoice_core.pitch.nccf.configuration import Configuration
from autovoice_core.pitch.nccf.parameters import (
    CLIP_LEVEL,
    ENERGY_BLOCK,
    FULL_SCALE,
    MIN_BLOCK_ENERGY,
    TrackerParameters,
)
from autovoice_core.synthetic.truth import SINGERS, sing

KERNELS = (
    *("preprocess", "attenuation", "correlate", "decode"),
    *("reinforce", "regression_shift"),
)
RATE, HOP, CLIP = 44_100, 512, 10.0
BATCH = 512
ARITHMETIC = "int32"
WORK = f"{BATCH} clips of 10 s"


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
        (WORK, BATCH, CLIP),
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


def kernel_work(backend: str) -> dict[str, tuple[Callable[[], Any], float, float]]:
    """Return what to time of each kernel, with its multiply-adds and the bytes it must move."""
    made = importlib.import_module(f"autovoice_{backend}.nccf").open_nccf(
        device="cuda", dtype="float32"
    )
    xp, kernels, parameters = made.xp, made.kernels, TrackerParameters()
    audio = clips(BATCH, CLIP)
    if backend == "cuda":
        import cupy

        audio = cupy.from_dlpack(audio)
    configuration = Configuration.of(RATE, 50.0, 1100.0, parameters)
    factor, rate, lags = configuration.factor, configuration.rate, configuration.lags
    batch, samples = audio.shape
    row, frames = row_length(configuration, samples), 1 + samples // HOP
    scale = {"scale": float(FULL_SCALE), "clip_level": CLIP_LEVEL}

    def preprocess() -> Any:
        reach, taps = configuration.high_pass_reach, configuration.taps
        return kernels.preprocess(audio, None, taps, factor, reach, row, **scale)

    signal, energy = preprocess()

    def attenuation() -> Any:
        gate = parameters.silence_gate
        return kernels.attenuation(energy, configuration.gate_blocks, gate, MIN_BLOCK_ENERGY)

    at = (np.arange(batch)[:, None] * row + np.arange(frames) * HOP // factor).reshape(-1)
    at, flat = xp.asarray(at), xp.reshape(signal, (-1,))
    soft = xp.take(xp.reshape(attenuation(), (-1,)), at // ENERGY_BLOCK)
    found = find_candidates(xp, kernels, configuration, flat, at, soft)
    voiced = xp.ones(at.shape, dtype=xp.bool)
    costs = (0, parameters.voicing_change_cost, parameters.jump_cost, parameters.max_jump_cost)
    weights = xp.asarray(np.array(costs, np.int32))
    starts = xp.asarray(np.arange(batch) * frames)
    count, states = parameters.candidates, parameters.candidates + 1
    first = [xp.reshape(each[:, :1], (-1,)) + 0 for each in (found.score, found.log_lag)]
    near = configuration.regression_span * factor // HOP + 1
    return {
        "preprocess": (
            preprocess,
            batch * row * len(configuration.taps) / 2,
            audio.nbytes + 2 * signal.nbytes,
        ),
        "attenuation": (attenuation, 0, 1.5 * energy.nbytes),
        "correlate": (
            lambda: kernels.correlate(flat, at, lags.first, lags.widths, lags.costs, count),
            len(at) * float(lags.widths.sum()),
            signal.nbytes + found.score.nbytes + found.lag.nbytes,
        ),
        "decode": (
            lambda: kernels.decode(found.score, found.log_lag, voiced, weights, starts),
            len(at) * float(states**3),
            2 * (found.score.nbytes + found.log_lag.nbytes) + 2 * len(at) * states,
        ),
        "reinforce": (
            lambda: kernels.reinforce(*first, at, parameters, rate),
            0,
            20.0 * len(at),
        ),
        "regression_shift": (
            lambda: kernels.regression_shift(*first, voiced, at, parameters, rate, near),
            16.0 * near * len(at),
            25.0 * len(at),
        ),
    }


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

"""The timings of conversion for profile_cuda_kernels.py: its kernels, and whole songs."""

from __future__ import annotations

import importlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core import Audio, VoiceProfile, convert_song
from autovoice_core.backends import Need
from autovoice_core.synthetic import truth

KERNELS = ("nearest", "cheapest_paths", "oscillators", "overlap_add")
ARITHMETIC = "float32"
THERE = Need(devices=("cuda",))
WORK = "20 s at 44.1 kHz"
RATE, SECONDS, SONG = 44_100, 20.0, 240.0
FRAMES, EXEMPLARS, FEATURES = 2000, 30_000, 60
"""Of a window, of a voice as large as they get, and of a frame."""
BLOCKS, LENGTH, STATES = 32, 96, 75
"""Paths of a window, their frames, and candidates of each."""
HARMONICS, SIZE = 200, 1764


def kernel_work(backend: str) -> dict[str, tuple[Callable[[], Any], float, float]]:
    """Return what to time of each kernel, with its multiply-adds and the bytes it must move."""
    made = importlib.import_module(f"autovoice_{backend}.retrieval").open_retrieval(
        device="cuda", dtype="float32"
    )
    xp, own, rng = made.xp, made.kernels, np.random.default_rng(0)
    count = round(RATE * SECONDS)

    def there(*shape: int, dtype: Any = np.float32) -> Any:
        return xp.asarray(rng.standard_normal(shape).astype(dtype))

    queries, references = there(FRAMES, FEATURES), there(EXEMPLARS, FEATURES)
    local = there(BLOCKS, LENGTH, STATES, dtype=np.float64)
    steps = there(BLOCKS, LENGTH - 1, STATES, STATES, dtype=np.float64)
    phase = xp.asarray(np.arange(count) * (220.0 / RATE))
    real, imaginary = there(FRAMES + 1, HARMONICS), there(FRAMES + 1, HARMONICS)
    frames = there(2, FRAMES, SIZE)
    starts = np.arange(FRAMES, dtype=np.int64) * (count // FRAMES) - SIZE // 2
    compared, swung = FRAMES * EXEMPLARS, count * HARMONICS
    return {
        "nearest": (
            lambda: own.nearest(queries, references, 3),
            compared * FEATURES,
            4.0 * (2 * compared + EXEMPLARS * FEATURES),
        ),
        "cheapest_paths": (
            lambda: own.cheapest_paths(local, steps),
            steps.nbytes / 8,
            steps.nbytes,
        ),
        "oscillators": (
            lambda: own.oscillators(phase, real, imaginary, RATE * SECONDS / FRAMES),
            8.0 * swung,
            12.0 * count + 2 * real.nbytes,
        ),
        "overlap_add": (
            lambda: own.overlap_add(frames, starts, count),
            2.0 * FRAMES * SIZE,
            frames.nbytes + 8.0 * count,
        ),
    }


def songs(backend: str, iterations: int) -> list[dict[str, Any]]:
    """Time a song of 4 min from file to file, and each of its stages, key moved and not."""
    names = {"SEPARATION": "wrpca", "PITCH": "nccf", "CONVERSION": "retrieval"}
    before = dict(os.environ)
    os.environ.update({f"AUTOVOICE_{op}": f"{backend}/{name}" for op, name in names.items()})
    try:
        return _songs(backend, max(3, iterations // 10))
    finally:
        os.environ.clear()
        os.environ.update(before)


def _songs(backend: str, times: int) -> list[dict[str, Any]]:
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        take, song, out = (folder / f"{part}.wav" for part in ("take", "song", "out"))
        truth.sing(truth.SOPRANO, seconds=60, sample_rate=RATE, seed=5).audio.save(take)
        part = truth.song(seconds=30, sample_rate=RATE, seed=3, singer=truth.TENOR).mixture
        whole = np.tile(part.numpy(), (1, round(SONG / 30)))
        Audio(whole, RATE).save(song)
        voice = VoiceProfile.from_recordings([take], name="Ada", need=THERE)
        for key in (0, 3):
            took: dict[str, list[float]] = {}
            for _ in range(1 + times):  # the first compiles
                begin = time.perf_counter()
                done = convert_song(song, voice, out, need=THERE, key=key)
                stages = {**done.seconds, "from file to file": time.perf_counter() - begin}
                for stage, seconds in stages.items():
                    took.setdefault(stage, []).append(seconds)
            for stage, each in took.items():
                seconds = statistics.median(each[1:])
                rows.append(
                    {
                        "kernel": "song",
                        "backend": backend,
                        "what": f"{stage}, key {key:+d}",
                        "ms": None,
                        "ms_from_python": 1e3 * seconds,
                        "audio_hours_per_s": SONG / 3600 / seconds,
                        "times_real_time": SONG / seconds,
                    }
                )
    return rows

"""Backends for batches, which cost no time: a tracker that does as a song tells it, and others."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchFrames, PitchTrack, Stems
from autovoice_core.batch.work import Job, Outcome
from autovoice_core.batch.worker import BatchWorker, Tell

KILLS, KILLS_ONCE, FAILS, WAITS = 8001, 8002, 8003, 8004
"""Sample rates of songs that tell the tracker what to do."""


class Steady:
    """Hears one pitch, and leaves a file ``<sample rate>.<process>`` for each song in a folder.

    Songs with the rates above kill its process, always or once, can't be tracked, or take until
    there is a file ``go`` in the folder.
    """

    context = 0.0

    def __init__(self, hz: float, traces: Path) -> None:
        self._hz, self._traces = hz, traces

    def grid(self, sample_rate: int) -> int:
        return 1

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        rate = audio.sample_rate
        (self._traces / f"{rate}.{os.getpid()}").touch()
        if rate == KILLS or (rate == KILLS_ONCE and self._is_first()):
            os.kill(os.getpid(), signal.SIGKILL)
        if rate == FAILS:
            raise InputError("the sound is odd; give another")
        while rate == WAITS and not (self._traces / "go").exists():
            time.sleep(0.01)
        frames = len(centres)
        return PitchFrames(
            np.full(frames, self._hz), np.ones(frames, bool), np.ones(frames, np.float32)
        )

    def _is_first(self) -> bool:
        try:
            (self._traces / "once").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


class Halver:
    """Takes half of the mixture for the vocals."""

    context = 0.0

    def grid(self, sample_rate: int) -> int:
        return 1

    def separate(self, mixture: Audio) -> Stems:
        half = Audio(np.float32(0.5) * mixture.numpy(), mixture.sample_rate)
        return Stems(half, half)


class Gain:
    """Halves the level."""

    context = 0.0
    learns = False

    def grid(self, sample_rate: int) -> int:
        return 1

    def learn(self, recordings: Any) -> Mapping[str, NDArray[Any]]:
        raise InputError("recordings: these voices are trained elsewhere; give their files")

    def begin(self, voice: Any, pitch: PitchTrack, sample_rate: int, *, key: float) -> Gain:
        return self

    def observe(self, vocals: Audio, start: int) -> None:
        pass

    def render(self, vocals: Audio, start: int) -> Audio:
        return Audio(np.float32(0.5) * vocals.numpy(), vocals.sample_rate)


class LacksBackends(BatchWorker):
    """A worker that has no backend on machines with a GPU, as Ray tells it of it."""

    fault: ClassVar[dict[str, Any]] = {
        "error": "no backend serves pitch",
        "refusal": "SelectionError",
    }

    def do(self, job: Job, tell: Tell | None = None) -> Outcome:
        if os.environ.get("CUDA_VISIBLE_DEVICES"):
            return Outcome(job.number, worker="gpu-1:77", **self.fault)
        return super().do(job, tell)


class LacksSpace(LacksBackends):
    """A worker that has no space for temporary files there."""

    fault: ClassVar[dict[str, Any]] = {"error": "/tmp: No space left on device", "is_full": True}


class Unstartable:
    """A worker of a machine on which it can't be made."""

    def __init__(self, setup: object) -> None:
        raise RuntimeError("it is too old")

    def ready(self) -> str:
        return ""

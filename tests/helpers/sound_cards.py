"""Sound cards without hardware: one in this process, and those of a private PulseAudio."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from autovoice_core.audio.source import Block


class RecordedCard:
    """A card whose microphone hears ``samples``, then silence, and whose output is kept."""

    def __init__(self, samples: Block, sample_rate: int, latency: float = 0.01) -> None:
        self.sample_rate, self.latency = sample_rate, latency
        self._heard, self._at = samples, 0
        self._played: list[Block] = []
        self.lost_blocks: set[int] = set()
        self.gaps: set[int] = set()

    @property
    def played(self) -> Block:
        return np.concatenate(self._played, axis=1)

    def read(self, frames: int) -> tuple[Block, bool]:
        block = self._heard[:, self._at : self._at + frames]
        block = np.pad(block, ((0, 0), (0, frames - block.shape[1])))
        self._at += frames
        return block, len(self._played) in self.lost_blocks

    def write(self, block: Block) -> bool:
        self._played.append(block.copy())
        return len(self._played) - 1 in self.gaps


@contextmanager
def pulse_loopback(folder: Path) -> Iterator[dict[str, str]]:
    """Run a sound server whose default microphone hears what is played on its headphones.

    Yields the environment in which PortAudio finds it.
    """
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    environment.pop("PULSE_SERVER", None)
    Path(folder, ".asoundrc").write_text(
        "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
    )
    modules = (
        "module-native-protocol-unix",
        "module-null-sink sink_name=ears",
    )
    load = [f"--load={module}" for module in modules]
    server = subprocess.Popen(
        ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *load],
        env=environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield environment
    finally:
        server.terminate()
        server.wait()


def pulse_is_missing() -> str:
    """Return why :func:`pulse_loopback` can't run here; empty if it can."""
    if shutil.which("pulseaudio") is None:
        return "PulseAudio is not installed"
    try:
        import sounddevice  # noqa: F401
    except (ImportError, OSError) as error:
        return f"PortAudio is not usable: {error}"
    return ""

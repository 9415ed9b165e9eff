"""Script that prints how much more peak memory a long sound takes than a short one.

It runs in a new Python process, whose peak is its own.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Operation
from autovoice_core.synthetic import truth

SAMPLE_RATES = {"separation": 8_000, "pitch": 16_000, "conversion": 8_000}


@frozen(eq=False)
class RepeatingSource:
    """A :class:`~autovoice_core.audio.source.Source` that repeats a clip."""

    clip: NDArray[np.float32]
    frames: int
    sample_rate: int
    name: str = "loop"

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.clip)

    def blocks(self, size: int) -> Iterator[NDArray[np.float32]]:
        """Yield consecutive blocks."""
        for start in range(0, self.frames, size):
            stop = min(start + size, self.frames)
            yield self.clip[:, np.arange(start, stop) % self.clip.shape[1]]


def main(backend: str, operation: Operation, device: str, dtype: str, *seconds: str) -> None:
    """Print the growth of peak memory and of the samples, in bytes."""
    work = _WORK[operation](backend, Need(devices=(device,), dtype=dtype))
    rate = SAMPLE_RATES[operation]
    short, long = (round(float(each) * rate) for each in seconds)
    clip = truth.song(seconds=10, sample_rate=rate).mixture.numpy()
    clip = clip if operation == "separation" else clip[:1]
    work(RepeatingSource(clip, short, rate))
    reset_peak()
    work(RepeatingSource(clip, short, rate))
    before = peak()
    reset_peak()
    work(RepeatingSource(clip, long, rate))
    grown = peak() - before
    print(grown, (long - short) * clip.itemsize * len(clip))  # noqa: T201  # read by the process that started this one


def reset_peak() -> None:
    """Reset the peak where the system can; an earlier, higher one would hide the next."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Return the peak memory of this process, in bytes."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _separate(backend: str, need: Need) -> Any:
    from autovoice_core.separation.separator import VocalSeparator

    separator = VocalSeparator(backend=backend, need=need)

    def work(source: RepeatingSource) -> None:
        for _ in separator.separate_blocks(source):
            pass

    return work


def _track(backend: str, need: Need) -> Any:
    from autovoice_core.pitch.extractor import SingingPitchExtractor

    return SingingPitchExtractor(backend=backend, need=need).extract


def _convert(backend: str, need: Need) -> Any:
    from autovoice_core.backends.selection import select
    from autovoice_core.conversion.converter import SingingVoiceConverter
    from autovoice_core.testing.contracts.common.signals import learn_voice, repeated_pitch

    converter = SingingVoiceConverter(backend=backend, need=need)
    voice = learn_voice(select("conversion", need, name=backend).open())

    def work(source: RepeatingSource) -> None:
        pitch = repeated_pitch(source.frames / source.sample_rate)
        for _ in converter.convert_blocks(source, voice, pitch=pitch):
            pass

    return work


_WORK = {"separation": _separate, "pitch": _track, "conversion": _convert}

if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]

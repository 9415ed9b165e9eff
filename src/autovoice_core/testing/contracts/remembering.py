"""Run in a fresh Python: says how much more memory a long sound takes than a short one."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.backends.offer import Need, Operation
from autovoice_core.synthetic import truth

RATES = {"separation": 8_000, "pitch": 16_000, "conversion": 8_000}


@frozen(eq=False)
class Loop:
    """A :class:`~autovoice_core.audio.source.Source` that repeats a clip, made as it is read."""

    clip: NDArray[np.float32]
    frames: int
    sample_rate: int
    name: str = "loop"

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return len(self.clip)

    def blocks(self, size: int) -> Iterator[NDArray[np.float32]]:
        """Yield consecutive blocks."""
        for start in range(0, self.frames, size):
            stop = min(start + size, self.frames)
            yield self.clip[:, np.arange(start, stop) % self.clip.shape[1]]


def main(backend: str, operation: Operation, device: str, dtype: str, *seconds: str) -> None:
    """Print bytes of peak memory gained, and bytes of sound added."""
    work = _WORK[operation](backend, Need(devices=(device,), dtype=dtype))
    rate = RATES[operation]
    short, long = (round(float(each) * rate) for each in seconds)
    clip = truth.song(seconds=10, sample_rate=rate).mixture.numpy()
    clip = clip if operation == "separation" else clip[:1]
    work(Loop(clip, short, rate))
    forget_peak()
    work(Loop(clip, short, rate))
    before = peak()
    forget_peak()
    work(Loop(clip, long, rate))
    grown = peak() - before
    print(grown, (long - short) * clip.itemsize * len(clip))  # noqa: T201  # the answer


def forget_peak() -> None:
    """Let the peak begin anew, where the system can: what was made before hides what comes."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Return the most memory this process took, in bytes."""
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _separating(backend: str, need: Need) -> Any:
    from autovoice_core.separation.separator import VocalSeparator

    separator = VocalSeparator(backend=backend, need=need)

    def work(source: Loop) -> None:
        for _ in separator.separate_blocks(source):
            pass

    return work


def _tracking(backend: str, need: Need) -> Any:
    from autovoice_core.pitch.extractor import SingingPitchExtractor

    return SingingPitchExtractor(backend=backend, need=need).extract


def _converting(backend: str, need: Need) -> Any:
    from autovoice_core.backends.selection import select
    from autovoice_core.conversion.converter import SingingVoiceConverter
    from autovoice_core.testing.contracts.singing import repeated_pitch, voice_for

    converter = SingingVoiceConverter(backend=backend, need=need)
    voice = voice_for(select("conversion", need, name=backend).open())

    def work(source: Loop) -> None:
        pitch = repeated_pitch(source.frames / source.sample_rate)
        for _ in converter.convert_blocks(source, voice, pitch=pitch):
            pass

    return work


_WORK = {"separation": _separating, "pitch": _tracking, "conversion": _converting}

if __name__ == "__main__":
    main(*sys.argv[1:])  # type: ignore[arg-type]

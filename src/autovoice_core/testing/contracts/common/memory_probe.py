"""Script that prints how much more memory is allocated during a long sound than a short one.

It runs in a new Python process, whose memory is its own, and on one thread: several hold as many
windows as they come to, which a busy machine decides. For the same reason the memory is counted
that is allocated, not what the system has given, and at the moments when sound is read.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core._threads import VARIABLE as THREADS_VARIABLE
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Operation
from autovoice_core.synthetic import truth

SAMPLE_RATES = {"separation": 8_000, "pitch": 16_000, "conversion": 16_000}


class AllocatorFigures(ctypes.Structure):
    """``struct mallinfo2`` of the GNU C library."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@frozen(eq=False)
class RepeatingSource:
    """A :class:`~autovoice_core.audio.source.Source` that repeats a clip, and tells each read."""

    clip: NDArray[np.float32]
    frames: int
    sample_rate: int
    on_read: Callable[[], None]
    name: str = "loop"

    @property
    def channels(self) -> int:
        """Number of channels."""
        return len(self.clip)

    def blocks(self, size: int) -> Iterator[NDArray[np.float32]]:
        """Yield consecutive blocks."""
        for start in range(0, self.frames, size):
            self.on_read()
            stop = min(start + size, self.frames)
            yield self.clip[:, np.arange(start, stop) % self.clip.shape[1]]


def main(backend: str, operation: Operation, device: str, dtype: str, *seconds: str) -> None:
    """Print the growth of the memory that is allocated and that of the samples, in bytes."""
    os.environ[THREADS_VARIABLE] = "1"
    work = _WORK[operation](backend, Need(devices=(device,), dtype=dtype))
    rate = SAMPLE_RATES[operation]
    short, long = (round(float(each) * rate) for each in seconds)
    clip = truth.song(seconds=10, sample_rate=rate).mixture.numpy()
    clip = clip if operation == "separation" else clip[:1]
    allocated = allocation_counter()

    def rise(frames: int) -> int:
        """Return how much more is allocated at a later read of the sound than at its first."""
        found: list[int] = []

        def count() -> None:
            gc.collect()
            found.append(allocated())

        work(RepeatingSource(clip, frames, rate, count))
        return max(found) - found[0]

    rise(short)  # what is kept for later sounds is allocated once
    before, after = rise(short), rise(long)
    print(after - before, (long - short) * clip.itemsize * len(clip))  # noqa: T201  # read by the process that started this one


def allocation_counter() -> Callable[[], int]:
    """Return a function that returns the bytes allocated by this process, with those of libraries.

    Where the C library does not tell, those of Python and NumPy alone.
    """
    try:
        figures_of = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        tracemalloc.start()
        return lambda: tracemalloc.get_traced_memory()[0]
    figures_of.restype = AllocatorFigures

    def allocated() -> int:
        figures = figures_of()
        return int(figures.uordblks + figures.hblkhd)

    return allocated


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
    from autovoice_core.backends.choice.selection import select
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

"""Input in flight: arrays that a side stream is still computing when they are passed on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from autovoice_core._types import Audio

MATRIX_SIZE, MATRIX_PRODUCTS = 4096, 100
"""Work that keeps a device busy for some tenths of a second."""

PendingAudio = tuple[Audio, Callable[[], None]]
"""Silent audio, and a function that starts to fill it and returns before it is filled."""


@contextmanager
def on_torch(torch: Any, audio: Audio) -> Iterator[PendingAudio]:
    """Yield ``audio`` as a torch tensor that a side stream fills; it is current within."""
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        finished = torch.asarray(audio.numpy(), device="cuda", copy=True)
        samples, load = (
            torch.zeros_like(finished),
            torch.ones((MATRIX_SIZE, MATRIX_SIZE), device="cuda"),
        )
        side.synchronize()

        def start() -> None:
            for _ in range(MATRIX_PRODUCTS):
                torch.matmul(load, load)
            samples.copy_(finished)

        yield Audio(samples, audio.sample_rate), start
        side.synchronize()


@contextmanager
def on_cupy(cupy: Any, audio: Audio) -> Iterator[PendingAudio]:
    """Yield ``audio`` as a CuPy array that a side stream fills; it is current within."""
    with cupy.cuda.Stream(non_blocking=True) as side:
        finished = cupy.asarray(audio.numpy())
        samples, load = (
            cupy.zeros_like(finished),
            cupy.ones((MATRIX_SIZE, MATRIX_SIZE), cupy.float32),
        )
        side.synchronize()

        def start() -> None:
            for _ in range(MATRIX_PRODUCTS):
                cupy.matmul(load, load)
            samples[...] = finished

        yield Audio(samples, audio.sample_rate), start
        side.synchronize()


_MAKERS = {"torch": on_torch, "cupy": on_cupy}


def makers(device: str) -> Iterator[tuple[str, Any]]:
    """Yield the name and the context manager of each array library that supports ``device``."""
    if device not in {"cuda", "rocm"}:
        return
    for name, make in _MAKERS.items():
        if find_spec(name):
            library = import_module(name)
            if library.cuda.is_available():
                yield name, lambda audio, library=library, make=make: make(library, audio)

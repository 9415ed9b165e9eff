"""Inputs that are still being made, on a stream of their own, when they are handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from autovoice_core._types import Audio

SIZE, ROUNDS = 4096, 100
"""Work that keeps a device busy for some tenths of a second: products of square matrices."""

Making = tuple[Audio, Callable[[], None]]
"""A sound that is silent as yet, and what starts to make it and returns before it is made."""


@contextmanager
def on_torch(torch: Any, audio: Audio) -> Iterator[Making]:
    """Make ``audio`` as a torch tensor, on a side stream that is the current one meanwhile."""
    side = torch.cuda.Stream()
    with torch.cuda.stream(side):
        finished = torch.asarray(audio.numpy(), device="cuda", copy=True)
        samples, load = torch.zeros_like(finished), torch.ones((SIZE, SIZE), device="cuda")
        side.synchronize()

        def start() -> None:
            for _ in range(ROUNDS):
                torch.matmul(load, load)
            samples.copy_(finished)

        yield Audio(samples, audio.sample_rate), start
        side.synchronize()


@contextmanager
def on_cupy(cupy: Any, audio: Audio) -> Iterator[Making]:
    """Make ``audio`` as a CuPy array, on a side stream that is the current one meanwhile."""
    with cupy.cuda.Stream(non_blocking=True) as side:
        finished = cupy.asarray(audio.numpy())
        samples, load = cupy.zeros_like(finished), cupy.ones((SIZE, SIZE), cupy.float32)
        side.synchronize()

        def start() -> None:
            for _ in range(ROUNDS):
                cupy.matmul(load, load)
            samples[...] = finished

        yield Audio(samples, audio.sample_rate), start
        side.synchronize()


_MAKERS = {"torch": on_torch, "cupy": on_cupy}


def makers(device: str) -> Iterator[tuple[str, Any]]:
    """Yield the name of each array library that reaches ``device``, and what makes sound by it."""
    if device not in {"cuda", "rocm"}:
        return
    for name, make in _MAKERS.items():
        if find_spec(name):
            library = import_module(name)
            if library.cuda.is_available():
                yield name, lambda audio, library=library, make=make: make(library, audio)

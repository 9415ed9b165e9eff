"""Signalsmith Stretch, in this process or in others.

Its binding keeps the interpreter's lock for as long as it works, so no other thread of the process
goes on meanwhile. A process of its own, ``python -m autovoice_core.audio.stretch``, has a lock of
its own: it reads sound from its input, shifts it, and writes it to its output, until that ends.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from queue import SimpleQueue
from struct import Struct
from typing import IO, cast

import numpy as np
from numpy.typing import NDArray
from python_stretch import Signalsmith

Block = NDArray[np.float32]

_REQUEST = Struct("=IQId")  # channels, frames, sample rate, semitones


def stretched(samples: Block, sample_rate: int, semitones: float) -> Block:
    """Return ``(channels, frames)`` samples shifted by ``semitones``, in time with the originals.

    Inside of :func:`stretch_processes` one of those does it, to the same bits.
    """
    processes = _processes.get()
    if processes is None:
        return _stretched_here(samples, sample_rate, semitones)
    process = processes.get()  # waits for one that is free
    try:
        return process.stretched(samples, sample_rate, semitones)
    except (OSError, EOFError):  # it could not start, or was ended
        return _stretched_here(samples, sample_rate, semitones)
    finally:
        processes.put(process)


@contextmanager
def stretch_processes(count: int) -> Iterator[None]:
    """Let :func:`stretched` work in ``count`` processes inside; in this one if there are none.

    Their memory is not of this process.
    """
    started: list[_StretchProcess] = []
    waiting: SimpleQueue[_StretchProcess] = SimpleQueue()
    # Where an application is frozen, its executable is not Python.
    possible = bool(sys.executable) and not getattr(sys, "frozen", False)
    try:
        for _ in range(count if possible else 0):
            started.append(_StretchProcess())
            waiting.put(started[-1])
    except OSError:
        pass  # with those that could be started
    token = _processes.set(waiting if started else None)
    try:
        yield
    finally:
        _processes.reset(token)
        for process in started:
            process.end()


class _StretchProcess:
    """A process that shifts one block of sound after another."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "autovoice_core.audio.stretch"]
        paths = os.pathsep.join(filter(None, sys.path))
        self._process = subprocess.Popen(  # noqa: S603  # our own module
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},
        )

    def stretched(self, samples: Block, sample_rate: int, semitones: float) -> Block:
        """Return what :func:`stretched` does.

        Raises
        ------
        OSError, EOFError
            The process has ended.
        """
        samples = np.ascontiguousarray(samples, np.float32)
        requests, results = (
            cast("IO[bytes]", x) for x in (self._process.stdin, self._process.stdout)
        )
        requests.write(_REQUEST.pack(*samples.shape, sample_rate, semitones))
        requests.write(samples.data)
        requests.flush()
        return _read(results, samples.shape)

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.communicate()


_processes: ContextVar[SimpleQueue[_StretchProcess] | None] = ContextVar("processes", default=None)


def _stretched_here(samples: Block, sample_rate: int, semitones: float) -> Block:
    stretch = Signalsmith.Stretch()
    stretch.preset(samples.shape[0], float(sample_rate))
    stretch.setTransposeSemitones(semitones)
    shifted = np.asarray(stretch.process(np.ascontiguousarray(samples)), np.float32)
    out = np.zeros_like(samples)
    length = min(out.shape[1], shifted.shape[1])
    out[:, :length] = shifted[:, :length]
    return out


def _read(file: IO[bytes], shape: tuple[int, ...]) -> Block:
    """Return an array from a file that holds it.

    Raises
    ------
    EOFError
        It ends too early.
    """
    samples = np.empty(shape, np.float32)
    data = file.read(samples.nbytes)
    if len(data) < samples.nbytes:
        raise EOFError
    samples.reshape(-1)[:] = np.frombuffer(data, np.float32)
    return samples


def _serve(requests: IO[bytes], results: IO[bytes]) -> None:
    """Answer each request for shifted sound until there are no more."""
    while len(head := requests.read(_REQUEST.size)) == _REQUEST.size:
        channels, frames, sample_rate, semitones = _REQUEST.unpack(head)
        samples = _read(requests, (channels, frames))
        results.write(_stretched_here(samples, sample_rate, semitones).data)
        results.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that asks ends this one
    _serve(sys.stdin.buffer, sys.stdout.buffer)

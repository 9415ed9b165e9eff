"""Fast streams in place of conversions, and what a client of a live stream makes and reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import numpy as np
from attrs import define, field

from autovoice_core import Audio
from autovoice_core._provenance import Provenance
from autovoice_core.audio.source import Block
from autovoice_core.protocols import Stream
from autovoice_core.server.stream import frames
from autovoice_core.server.stream.changing import Singing
from autovoice_core.server.stream.codes import StreamRefusal
from autovoice_core.server.stream.frames import AudioFrame, SampleFormat

RATE = 8_000
LATE, STEP = 640, 160
"""Samples that :class:`Scaled` is late, and gives at a time."""
MADE_BY = Provenance("conversion", "test/scaled", "test 1", "cpu", "float32")


@define
class Scaled:
    """A stream that multiplies by ``factor``, late and in steps of its own."""

    factor: float
    after: Any = None
    latency: float = LATE / RATE
    waiting: Block | None = None
    fed: int = 0

    def feed(self, block: Audio) -> Audio:
        samples = self.factor * block.numpy()
        waiting = samples if self.waiting is None else np.append(self.waiting, samples, axis=1)
        self.fed += block.frames
        ready = max(0, waiting.shape[1] - (LATE - STEP)) // STEP * STEP
        self.waiting = waiting[:, ready:]
        return Audio(waiting[:, :ready], RATE, (MADE_BY,))

    def flush(self) -> Audio:
        assert self.waiting is not None
        return Audio(self.waiting, RATE, (MADE_BY,))


@define
class Opener:
    """Opens :class:`Scaled` by the key as the factor, and keeps what it opened."""

    opened: list[Scaled] = field(factory=list)
    error: Callable[[Singing], Exception | None] = lambda _: None

    def __call__(self, singing: Singing, after: Stream[Audio] | None) -> Scaled:
        if (error := self.error(singing)) is not None:
            raise error
        stream = Scaled(float(singing.key), after)
        self.opened.append(stream)
        return stream


@define
class Later(Executor):
    """An executor that runs nothing until it is told to."""

    waiting: list[Callable[[], None]] = field(factory=list)

    def submit(self, call: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(call(*arguments, **named))
            except Exception as error:
                future.set_exception(error)

        self.waiting.append(run)
        return future

    def run(self) -> None:
        """Run all that waits."""
        waiting, self.waiting = self.waiting, []
        for each in waiting:
            each()


def refusal_of(call: Callable[[], Any]) -> StreamRefusal | None:
    """How ``call`` is refused, or None."""
    try:
        call()
    except StreamRefusal as refusal:
        return refusal
    return None


def sound(count: int, channels: int = 1, seed: int = 3) -> Block:
    """Noise of ``count`` samples within full scale."""
    rng = np.random.default_rng(seed)
    return rng.uniform(-0.5, 0.5, (channels, count)).astype(np.float32)


def frame(
    samples: Block, position: int, epoch: int = 0, sample_format: SampleFormat = "float32"
) -> bytes:
    """A binary frame."""
    return frames.encode(AudioFrame(epoch, position, samples), sample_format)


def texts(messages: list[str | bytes], kind: str | None = None) -> list[dict[str, Any]]:
    """The messages of JSON among ``messages``, or those of one type."""
    found = [json.loads(message) for message in messages if isinstance(message, str)]
    return [each for each in found if kind in (None, each["type"])]


def audio(messages: list[str | bytes], channels: int = 1) -> Block:
    """All samples among ``messages``, float32, which must follow each other without a gap."""
    pieces = [np.zeros((channels, 0), np.float32)]
    position = None
    for message in messages:
        if isinstance(message, bytes):
            found = frames.decode(message, "float32", channels)
            assert position in (None, found.position)
            position = found.position + found.samples.shape[1]
            pieces.append(found.samples)
    return np.concatenate(pieces, axis=1)

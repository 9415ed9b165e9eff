"""``StreamSession``: the protocol of one live stream, without sockets."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import Executor
from time import monotonic
from typing import Any

import attrs
import numpy as np

from autovoice_core.audio.source import Block
from autovoice_core.server.stream import frames, messages
from autovoice_core.server.stream.block_times import BLOCK_SECONDS, BlockTimes
from autovoice_core.server.stream.changing import Change, ChangingStream, OpenStream, Singing
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal, refusing
from autovoice_core.server.stream.frames import MAX_EPOCH, AudioFrame
from autovoice_core.server.stream.messages import Flush, Gap, Hello, Pong, Restart, Set

CREDIT_SECONDS = 1.0
"""Seconds that a client may be ahead of the conversion."""
PING_SECONDS = 1.0
STATISTICS_SECONDS = 2.0

Message = str | bytes
"""A message of JSON, or a binary frame."""


class StreamSession:
    """One live stream: takes what a client sends, and yields what is to be sent to it.

    Parameters
    ----------
    hello
        The client's first message, checked.
    open_stream, executor
        Opens a conversion; and runs that beside the one that goes on.

    Attributes
    ----------
    has_ended
        Whether all of the output was given.
    times
        How long the blocks took.

    Raises
    ------
    StreamRefusal
        Here and in every method: what the client sent can't be taken. The stream is over.
    """

    def __init__(self, hello: Hello, open_stream: OpenStream, executor: Executor) -> None:
        options = hello.options
        singing = Singing(
            hello.voice, options.key, options.formant, options.strength, options.singer
        )
        with refusing():
            self._stream = ChangingStream(
                open_stream, singing, hello.sample_rate, hello.channels, executor
            )
        self.has_ended = False
        self.times = BlockTimes(hello.sample_rate)
        self._hello, self._epoch = hello, 0
        self._ahead = round(CREDIT_SECONDS * hello.sample_rate)
        self._credit = self._ahead
        self._round_trip: int | None = None
        self._next_ping = self._next_statistics = 0.0

    def ready(self) -> str:
        """Return the answer to the hello."""
        rate, stream = self._hello.sample_rate, self._stream
        return messages.encode(
            "ready",
            version=messages.VERSION,
            epoch=self._epoch,
            # Less a little, as the latency is a float that stands for a whole number of samples.
            latency_samples=math.ceil(stream.latency * rate - 1e-6),
            block_samples=round(BLOCK_SECONDS * rate),
            credit_samples=self._ahead,
            output_channels=self._hello.channels,
            backend=stream.made_by[0].backend,
            made_by=[attrs.asdict(each) for each in stream.made_by],
        )

    def receive(self, message: Message, arrived: float) -> Iterator[Message]:
        """Take a message of the client that arrived at a time of ``time.monotonic``."""
        if isinstance(message, bytes):
            frame = frames.decode(message, self._hello.format, self._hello.channels)
            yield from self._take_frame(frame, arrived)
            return
        match messages.decode(message):
            case Set() as change:
                given = attrs.asdict(change, filter=lambda _, value: value is not None)
                self._stream.change(attrs.evolve(self._stream.singing, **given))
                if not self._stream.is_changing:
                    yield _changed(Change(self._stream.singing, self._stream.given, 0))
                yield from self._begin_change()
            case Gap() as gap:
                yield from self._take_gap(gap, arrived)
            case Restart():
                yield from self._restart()
            case Flush():
                with refusing():
                    yield from self._output(self._stream.flush())
                yield messages.encode("end", position=self._stream.given)
                self.has_ended = True
            case Pong() as pong:
                self._round_trip = max(0, self._stream.given - pong.position)
            case Hello():
                raise StreamRefusal(
                    CloseCode.BAD_MESSAGE, "hello: it was said already; open another stream"
                )

    def tick(self, now: float) -> Iterator[Message]:
        """Yield what is due at a time of ``time.monotonic``, whatever the client does."""
        yield from self._begin_change()
        if now >= self._next_ping:
            self._next_ping = now + PING_SECONDS
            yield messages.encode("ping", position=self._stream.given)
        if now >= self._next_statistics:
            self._next_statistics = now + STATISTICS_SECONDS
            yield messages.encode(
                "statistics",
                position=self._stream.given,
                processing_ms=self.times.milliseconds(),
                late_blocks=self.times.late_blocks,
                round_trip_samples=self._round_trip,
            )

    def _take_frame(self, frame: AudioFrame, arrived: float) -> Iterator[Message]:
        age = (self._epoch - frame.epoch) % MAX_EPOCH
        if 0 < age < MAX_EPOCH // 2:
            return  # sent before the client knew of the new epoch
        if age:
            raise StreamRefusal(
                CloseCode.OUT_OF_ORDER,
                f"frame: epoch {frame.epoch} has not begun; it is {self._epoch}",
            )
        self._check_place("frame", frame.position, frame.samples.shape[1])
        yield from self._convert(frame.samples, arrived)

    def _take_gap(self, gap: Gap, arrived: float) -> Iterator[Message]:
        self._check_place("gap", gap.position, gap.samples)
        silence = np.zeros((self._hello.channels, gap.samples), np.float32)
        yield from self._convert(silence, arrived)

    def _check_place(self, what: str, position: int, count: int) -> None:
        if position != self._stream.fed:
            raise StreamRefusal(
                CloseCode.OUT_OF_ORDER,
                f"{what}: position {position} is not {self._stream.fed}, where the last one "
                "ended; declare what is left out as a gap",
            )
        if position + count > self._credit:
            raise StreamRefusal(
                CloseCode.OVER_CREDIT,
                f"{what}: it ends at {position + count}, beyond the credit of {self._credit} "
                "samples; wait for more",
            )

    def _convert(self, samples: Block, arrived: float) -> Iterator[Message]:
        yield from self._begin_change()
        began = monotonic()
        with refusing():
            output = self._stream.feed(samples)
        self.times.add(samples.shape[1], arrived, began, monotonic())
        yield from self._output(output)
        credit = self._stream.fed + self._ahead
        # Not after every block, which would be many messages of little use.
        if credit - self._credit >= self._ahead // 4:
            yield self._grant(credit)

    def _grant(self, credit: int) -> str:
        self._credit = credit
        return messages.encode("credit", samples=credit)

    def _output(self, samples: Block) -> Iterator[Message]:
        if count := samples.shape[1]:
            frame = AudioFrame(self._epoch, self._stream.given - count, samples)
            yield frames.encode(frame, self._hello.format)

    def _begin_change(self) -> Iterator[Message]:
        with refusing():
            change = self._stream.begin_change()
        if change is not None:
            yield _changed(change)

    def _restart(self) -> Iterator[Message]:
        pending = self._stream.is_changing
        with refusing():
            self._stream = self._stream.restarted()
        self._epoch = (self._epoch + 1) % MAX_EPOCH
        self._credit = self._ahead
        yield messages.encode("restarted", epoch=self._epoch)
        if pending:
            yield _changed(Change(self._stream.singing, 0, 0))


def _changed(change: Change) -> str:
    singing: dict[str, Any] = attrs.asdict(change.singing)
    del singing["singer"]
    return messages.encode("changed", position=change.position, samples=change.samples, **singing)

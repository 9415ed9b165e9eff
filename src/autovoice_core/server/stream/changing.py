"""``ChangingStream``: a conversion whose voice and style change while singing goes on."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future

import numpy as np
from attrs import define, frozen

from autovoice_core._types import Audio
from autovoice_core.audio.source import Block
from autovoice_core.protocols import Stream
from autovoice_core.server.stream.messages import Key

LOOKBACK_SECONDS = 0.4
"""Seconds for which a new stream hears the singer beside the old one before it is heard itself.
A stream looks 0.3 s back."""
FADE_SECONDS = 0.02
"""Seconds over which the old stream is faded into the new one."""


@frozen
class Singing:
    """What a stream sings in: a voice by name, and the style; None is the voice's own."""

    voice: str
    key: Key
    formant: float | None
    strength: float | None
    singer: str | None


OpenStream = Callable[[Singing, Stream[Audio] | None], Stream[Audio]]
"""Opens a stream, given an earlier one of the same singer."""


@frozen
class Change:
    """A change that is under way: the new stream fades in over ``samples`` from ``position``."""

    singing: Singing
    position: int
    samples: int


class ChangingStream:
    """Streams of conversion, one after the other, whose output is one without a seam.

    A new stream is opened by ``executor`` while the old one goes on, hears the singer beside it for
    :data:`LOOKBACK_SECONDS`, and is then faded in. Until something is changed, the output is that
    of the stream alone, to the bit.

    Parameters
    ----------
    open_stream, executor
        Opens a stream, and runs it beside the conversion.
    singing
        What to begin with.
    sample_rate, channels
        Of all audio.
    after
        An earlier stream of the same singer.

    Attributes
    ----------
    singing
        What was last asked for.
    fed, given
        Samples taken in and returned.
    latency
        Seconds after which the result for a sample is given.
    made_by
        The backend that converts.
    """

    def __init__(
        self,
        open_stream: OpenStream,
        singing: Singing,
        sample_rate: int,
        channels: int,
        executor: Executor,
        after: Stream[Audio] | None = None,
    ) -> None:
        self.singing = singing
        self.fed = self.given = 0
        self._open, self._executor = open_stream, executor
        self._rate, self._nothing = sample_rate, np.zeros((channels, 0), np.float32)
        self._fade = round(FADE_SECONDS * sample_rate)
        self._now = _Part(open_stream(singing, after), 0, self._nothing)
        self._next: _Part | None = None
        self._change: Change | None = None
        self._opening: Future[Stream[Audio]] | None = None
        self._opened = singing
        self.latency = self._now.stream.latency
        self.made_by = self._now.stream.feed(Audio(self._nothing, sample_rate)).made_by

    @property
    def is_changing(self) -> bool:
        """Whether what was last asked for is not yet heard alone."""
        under_way = self._next is not None or self._opening is not None
        return under_way or self.singing != self._opened

    def change(self, singing: Singing) -> None:
        """Sing as ``singing`` says, as soon as that is ready and earlier changes are done."""
        self.singing = singing

    def begin_change(self) -> Change | None:
        """Return the change that begins with the next block that is fed, if one does.

        Raises
        ------
        AutoVoiceError
            The stream for it could not be opened.
        """
        if self._opening is not None and self._opening.done():
            opening, self._opening = self._opening, None
            position = self.fed + round(LOOKBACK_SECONDS * self._rate)
            self._next = _Part(opening.result(), self.fed, self._nothing)
            self._change = Change(self._opened, position, self._fade)
            return self._change
        if self._opening is None and self._next is None and self.singing != self._opened:
            self._opened = self.singing
            self._opening = self._executor.submit(self._open, self._opened, self._now.stream)
        return None

    def feed(self, samples: Block) -> Block:
        """Take in ``(channels, n)`` and return the output that is complete."""
        block = Audio(samples, self._rate)
        self._now.feed(block)
        if self._next is not None:
            self._next.feed(block)
        self.fed += samples.shape[1]
        return self._take()

    def flush(self) -> Block:
        """Return the rest of the output; the stream is over."""
        self._now.flush()
        if self._next is not None:
            self._next.flush()
        return self._take()

    def restarted(self) -> ChangingStream:
        """Return a new stream that begins with what was last asked for, and knows the singer."""
        channels, earlier = self._nothing.shape[0], self._now.stream
        return ChangingStream(
            self._open, self.singing, self._rate, channels, self._executor, earlier
        )

    def _take(self) -> Block:
        """Return what is complete of the output, and end a fade that is over."""
        change, coming = self._change, self._next
        if change is None or coming is None or self._now.end <= change.position:
            return self._given(self._now.take(self._now.end))
        stop = min(self._now.end, coming.end)
        start = max(self.given, coming.begin)
        before = self._now.take(start)
        if stop <= start:
            return self._given(before)
        coming.take(start)
        old, new = self._now.take(stop), coming.take(stop)
        share = (np.arange(start, stop) - change.position + 1) / (change.samples + 1)
        share = np.clip(share, 0.0, 1.0).astype(np.float32)
        if stop >= change.position + change.samples:
            self._now, self._next, self._change = coming, None, None
            rest = coming.take(coming.end)
        else:
            rest = self._nothing
        faded = (1 - share) * old + share * new
        return self._given(np.concatenate([before, faded, rest], axis=1))

    def _given(self, output: Block) -> Block:
        self.given += output.shape[1]
        return output


@define(eq=False)
class _Part:
    """A stream that began at a position of the whole, with its output that is not yet given."""

    stream: Stream[Audio]
    begin: int
    waiting: Block

    @property
    def end(self) -> int:
        """The position up to which there is output."""
        return self.begin + int(self.waiting.shape[1])

    def feed(self, block: Audio) -> None:
        self._keep(self.stream.feed(block))

    def flush(self) -> None:
        self._keep(self.stream.flush())

    def take(self, stop: int) -> Block:
        """Return the output up to ``stop``."""
        count = max(0, stop - self.begin)
        taken, self.waiting = self.waiting[:, :count], self.waiting[:, count:]
        self.begin += taken.shape[1]
        return taken

    def _keep(self, output: Audio) -> None:
        self.waiting = np.concatenate([self.waiting, output.numpy()], axis=1)

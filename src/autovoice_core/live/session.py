"""A session of live singing: blocks from a sound card, converted and played."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

import numpy as np
from attrs import define

from autovoice_core._types import Audio
from autovoice_core.audio.source import Block
from autovoice_core.protocols import Stream

BLOCK_SECONDS = 0.01
"""Seconds that are read and played at a time."""
_FADE_SECONDS = 0.02


class Card(Protocol):
    """A microphone and headphones; see :class:`~autovoice_core.live.sound_card.SoundCard`."""

    sample_rate: int
    latency: float

    def read(self, frames: int) -> tuple[Block, bool]:
        """Return ``(1, frames)`` float32 from the microphone, and whether some before was lost."""

    def write(self, block: Block) -> bool:
        """Play ``(1, frames)`` float32; return whether there was a gap before."""


@define
class LiveFigures:
    """Figures of a session.

    Attributes
    ----------
    seconds
        Seconds of singing that were played.
    busy_seconds
        Seconds that the conversion took for them.
    dropouts
        Blocks before which input was lost or output had a gap: the machine was too slow.
    input_peak, output_peak
        Largest absolute samples.
    """

    seconds: float = 0.0
    busy_seconds: float = 0.0
    dropouts: int = 0
    input_peak: float = 0.0
    output_peak: float = 0.0


class LiveSession:
    """Converts what a microphone hears and plays it, until it is stopped.

    Parameters
    ----------
    card
        An open :class:`~autovoice_core.live.sound_card.SoundCard`.
    stream
        A stream of :meth:`SingingVoiceConverter.stream
        <autovoice_core.SingingVoiceConverter.stream>` at the rate of the card.

    Attributes
    ----------
    converting
        Whether the new voice is played; if not, the singer is, equally late. Can be set while the
        session runs, from another thread too; the change is faded over 20 ms.
    latency
        Seconds from the microphone to the headphones: those of the card, of the stream, and of
        one block.
    figures
        What happened so far.
    """

    def __init__(self, card: Card, stream: Stream[Audio]) -> None:
        self.converting = True
        self.latency = card.latency + stream.latency + BLOCK_SECONDS
        self.figures = LiveFigures()
        self._card, self._stream = card, stream
        self._stopped = False
        # The output starts with silence as long as the stream is late, so that it never runs dry.
        silence = np.zeros((1, round(stream.latency * card.sample_rate)), np.float32)
        self._converted, self._original = _Queue(silence), _Queue(silence)
        self._share = 1.0

    def run(
        self, seconds: float | None = None, played: Callable[[Block], None] | None = None
    ) -> LiveFigures:
        """Convert and play, for ``seconds`` or until :meth:`stop`; return the figures.

        Parameters
        ----------
        seconds
            How long; None for no limit.
        played
            Called with each block that was played, ``(1, frames)`` float32.

        Raises
        ------
        InputError
            The sound card is gone.
        """
        frames = round(BLOCK_SECONDS * self._card.sample_rate)
        limit = None if seconds is None else round(seconds * self._card.sample_rate)
        done = 0
        while not self._stopped and (limit is None or done < limit):
            block = self._process(frames)
            if played is not None:
                played(block)
            done += frames
        return self.figures

    def stop(self) -> None:
        """End :meth:`run` after the block it is at, from another thread or a signal handler."""
        self._stopped = True

    def _process(self, frames: int) -> Block:
        """Read, convert and play one block; return what was played."""
        block, lost = self._card.read(frames)
        began = time.perf_counter()
        self._original.put(block)
        self._converted.put(self._stream.feed(Audio(block, self._card.sample_rate)).numpy())
        output = self._faded(self._original.take(frames), self._converted.take(frames))
        figures = self.figures
        figures.busy_seconds += time.perf_counter() - began
        gap = self._card.write(output)
        figures.seconds += frames / self._card.sample_rate
        figures.dropouts += bool(lost or gap)
        figures.input_peak = max(figures.input_peak, float(np.abs(block).max()))
        figures.output_peak = max(figures.output_peak, float(np.abs(output).max()))
        return output

    def _faded(self, original: Block, converted: Block) -> Block:
        """Return ``converted``, or ``original``, or the fade from one to the other."""
        target = 1.0 if self.converting else 0.0
        if self._share == target:
            return converted if target else original
        steps = np.arange(1, original.shape[1] + 1) / (_FADE_SECONDS * self._card.sample_rate)
        share = np.clip(self._share + (steps if target else -steps), 0, 1)
        self._share = float(share[-1])
        return ((1 - share) * original + share * converted).astype(np.float32)


class _Queue:
    """Samples that came in blocks of one length and leave in blocks of another."""

    def __init__(self, first: Block) -> None:
        self._samples = first

    def put(self, block: Block) -> None:
        self._samples = np.concatenate([self._samples, block], axis=1)

    def take(self, frames: int) -> Block:
        taken, self._samples = self._samples[:, :frames], self._samples[:, frames:]
        return taken

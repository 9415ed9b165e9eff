"""What a stream says does not depend on how it is fed: any blocks, any length, any buffer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.base import Contract, Place, drawn
from autovoice_core.testing.contracts.lengths import RATE, again, period_of

Found = tuple[NDArray[Any], ...]
SECONDS = 1.2


class Blocks(Contract):
    """A stream is its own reference: the same sound, fed in one block."""

    samples_a_value = 1

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream of ``subject``."""
        return subject.stream(sample_rate)

    @staticmethod
    def said(outputs: Sequence[Any]) -> Found:
        """Return what feeds and flush gave, joined, as arrays on the host."""
        raise NotImplementedError

    def test_a_stream_does_not_depend_on_its_blocks(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sounds = {rate: self.sound(SECONDS, rate, seed=3) for rate in (16_000, 44_100)}
        whole = {
            rate: self.said(feed(self.stream(subject, rate), audio, []))
            for rate, audio in sounds.items()
        }

        @drawn(
            15,
            rate=st.sampled_from(sorted(sounds)),
            sizes=st.lists(st.one_of(st.integers(0, 300), st.integers(0, 9000)), max_size=12),
        )
        def holds(rate: int, sizes: list[int]) -> None:
            stream = self.stream(subject, rate)
            said = self.said(feed(stream, sounds[rate], sizes))
            fault = self.differ(whole[rate], said)
            assert fault is None, f"{self.who} streams otherwise in other blocks: {fault}"

    def test_a_stream_may_end_at_any_time(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sound = self.sound(SECONDS, 16_000, seed=3)
        lengths = st.one_of(st.integers(0, 4), st.integers(0, int(16_000 * (latency + 0.2))))

        @drawn(8, frames=lengths)
        def holds(frames: int) -> None:
            audio = cut(sound, 0, frames)
            whole = self.said(feed(self.stream(subject, 16_000), audio, []))
            expected, found = (len(part[0].T) for part in (self.hear(subject, audio), whole))
            assert found == expected, (
                f"{self.who} streams {found} values of {frames} samples, and not {expected}"
            )
            said = self.said(feed(self.stream(subject, 16_000), audio, [1, 160]))
            fault = self.differ(whole, said)
            assert fault is None, (
                f"{self.who} streams otherwise in other blocks of {frames} samples: {fault}"
            )

    def test_a_stream_keeps_no_hand_on_its_blocks(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        audio = self.sound(SECONDS, 16_000, seed=3)
        whole = self.said(feed(self.stream(subject, 16_000), audio, [800] * 100))
        stream, outputs = self.stream(subject, 16_000), []
        buffer = np.zeros((audio.channels, 800), np.float32)
        for start in range(0, audio.frames, 800):
            block = audio.numpy()[:, start : start + 800]
            buffer[:, : block.shape[1]] = block
            outputs.append(stream.feed(Audio(buffer[:, : block.shape[1]], 16_000)))
            assert np.array_equal(buffer[:, : block.shape[1]], block), (
                f"a stream of {self.who} writes to its blocks"
            )
            # As an audio device does: the next block comes in the same memory.
            buffer[:] = 0.5
        fault = self.differ(whole, self.said([*outputs, stream.flush()]))
        assert fault is None, (
            f"a stream of {self.who} goes on reading a block after it was fed: {fault}"
        )

    def test_a_stream_does_not_tire(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        period = period_of(subject, 2.0)
        clip = cut(self.sound(period / RATE, RATE, seed=6), 0, period)
        audio = again(clip, 30 * RATE)
        said = self.said(feed(self.stream(subject, RATE), audio, [4000] * 120))
        step = period // self.samples_a_value
        last = (30 * RATE - period) // period * step - step
        early, late = (
            tuple(values[..., start : start + step] for values in said)
            for start in (2 * step, last)
        )
        fault = self.recurs(early, late)
        assert fault is None, f"a stream of {self.who} says something else after 25 s: {fault}"

    def test_two_streams_do_not_disturb_each_other(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sounds = [self.sound(0.5, 16_000, seed=seed) for seed in (5, 6)]
        alone = [self.said(feed(self.stream(subject, 16_000), one, [999] * 20)) for one in sounds]
        streams = [self.stream(subject, 16_000) for _ in sounds]
        outputs: list[list[Any]] = [[], []]
        for start in range(0, sounds[0].frames, 999):
            for stream, sound, given in zip(streams, sounds, outputs, strict=True):
                given.append(stream.feed(cut(sound, start, start + 999)))
        for stream, given, expected in zip(streams, outputs, alone, strict=True):
            given.append(stream.flush())
            fault = self.differ(expected, self.said(given))
            assert fault is None, f"two streams of {self.who} disturb each other: {fault}"


def feed(
    stream: Any,
    audio: Audio,
    sizes: Sequence[int],
    check: Callable[[int, Any], None] = lambda fed, output: None,
) -> list[Any]:
    """Feed blocks of ``sizes``, the rest in one block, and flush."""
    outputs, fed = [], 0
    for size in (*sizes, audio.frames):
        block = cut(audio, fed, fed + size)
        fed += block.frames
        outputs.append(stream.feed(block))
        check(fed, outputs[-1])
    outputs.append(stream.flush())
    return outputs


def cut(audio: Audio, start: int, stop: int) -> Audio:
    """Return the samples from ``start`` to ``stop``, in memory of their own."""
    return Audio(np.array(audio.numpy()[:, start:stop]), audio.sample_rate)

"""Tests that a stream's result does not depend on its blocks: sizes, length, buffers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autovoice_core._types import Audio
from autovoice_core.backends import containment
from autovoice_core.testing.contracts.common.contract import Contract, Place, Result, slow
from autovoice_core.testing.contracts.common.strategies import for_examples

SIGNAL_SECONDS = 1.2


class StreamBlocks(Contract):
    """Tests of a stream against itself: the same sound fed in one block."""

    samples_per_value = 1

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream of ``subject``."""
        return subject.stream(sample_rate)

    @staticmethod
    def joined(outputs: Sequence[Any]) -> Result:
        """Return the outputs of ``feed`` and ``flush`` joined, as arrays on the host."""
        raise NotImplementedError

    @slow
    def test_a_stream_does_not_depend_on_its_blocks(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sounds = {rate: self.signal(SIGNAL_SECONDS, rate, seed=3) for rate in (16_000, 44_100)}
        whole = {
            rate: self.joined(feed(self.stream(subject, rate), audio, []))
            for rate, audio in sounds.items()
        }

        @for_examples(
            10,
            rate=st.sampled_from(sorted(sounds)),
            sizes=st.lists(st.one_of(st.integers(0, 300), st.integers(0, 9000)), max_size=12),
        )
        def check(rate: int, sizes: list[int]) -> None:
            stream = self.stream(subject, rate)
            joined = self.joined(feed(stream, sounds[rate], sizes))
            fault = self.difference(whole[rate], joined)
            assert fault is None, (
                f"{self.backend}, fed in other blocks, streams another result: {fault}"
            )

    def test_a_stream_may_end_at_any_time(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sound = self.signal(SIGNAL_SECONDS, 16_000, seed=3)
        lengths = st.one_of(st.integers(0, 4), st.integers(0, int(16_000 * (latency + 0.2))))

        @for_examples(8, frames=lengths)
        def check(frames: int) -> None:
            audio = cut(sound, 0, frames)
            whole = self.joined(feed(self.stream(subject, 16_000), audio, []))
            expected, found = (len(part[0].T) for part in (self.run(subject, audio), whole))
            assert found == expected, (
                f"{self.backend} streams {found} values for {frames} samples, not {expected}"
            )
            joined = self.joined(feed(self.stream(subject, 16_000), audio, [1, 160]))
            fault = self.difference(whole, joined)
            assert fault is None, (
                f"{self.backend}, fed {frames} samples in other blocks, "
                f"streams another result: {fault}"
            )

    @slow
    def test_a_stream_keeps_no_hand_on_its_blocks(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        audio = self.signal(SIGNAL_SECONDS, 16_000, seed=3)
        whole = self.joined(feed(self.stream(subject, 16_000), audio, [800] * 100))
        stream, outputs = self.stream(subject, 16_000), []
        buffer = np.zeros((audio.channels, 800), np.float32)
        for start in range(0, audio.frames, 800):
            block = audio.numpy()[:, start : start + 800]
            buffer[:, : block.shape[1]] = block
            with containment.off():
                outputs.append(stream.feed(Audio(buffer[:, : block.shape[1]], 16_000)))
            assert np.array_equal(buffer[:, : block.shape[1]], block), (
                f"a stream of {self.backend} writes to its blocks"
            )
            # As an audio device does: the next block arrives in the same memory.
            buffer[:] = 0.5
        fault = self.difference(whole, self.joined([*outputs, stream.flush()]))
        assert fault is None, (
            f"a stream of {self.backend} still reads a block after feed() has returned: {fault}"
        )

    @slow
    def test_two_streams_do_not_disturb_each_other(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sounds = [self.signal(0.5, 16_000, seed=seed) for seed in (5, 6)]
        alone = [self.joined(feed(self.stream(subject, 16_000), one, [999] * 20)) for one in sounds]
        streams = [self.stream(subject, 16_000) for _ in sounds]
        outputs: list[list[Any]] = [[], []]
        for start in range(0, sounds[0].frames, 999):
            for stream, sound, given in zip(streams, sounds, outputs, strict=True):
                given.append(stream.feed(cut(sound, start, start + 999)))
        for stream, given, expected in zip(streams, outputs, alone, strict=True):
            given.append(stream.flush())
            fault = self.difference(expected, self.joined(given))
            assert fault is None, f"two streams of {self.backend} disturb each other: {fault}"


def feed(
    stream: Any,
    audio: Audio,
    sizes: Sequence[int],
    check: Callable[[int, Any], None] = lambda fed, output: None,
) -> list[Any]:
    """Return the outputs of blocks of ``sizes``, of the rest in one block, and of ``flush``."""
    outputs, fed = [], 0
    for size in (*sizes, audio.frames):
        block = cut(audio, fed, fed + size)
        fed += block.frames
        outputs.append(stream.feed(block))
        check(fed, outputs[-1])
    outputs.append(stream.flush())
    return outputs


def cut(audio: Audio, start: int, stop: int) -> Audio:
    """Return a copy of the samples from ``start`` to ``stop``."""
    return Audio(np.array(audio.numpy()[:, start:stop]), audio.sample_rate)

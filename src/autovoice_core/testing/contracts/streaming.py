"""A stream says the same however it is cut, no later than declared; others refuse to stream.

Whole-file work may know what is to come and a stream may not, so the two need only agree, as far
as an operation's contract says. To the bit the same is what a stream says of one sound fed in
blocks of any sizes, and at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._errors import InputError, NoBackend
from autovoice_core._types import Audio
from autovoice_core.backends.offer import Need
from autovoice_core.backends.selection import select
from autovoice_core.testing.contracts.base import Contract, Place, drawn, refusal

SECONDS = 1.2


class Streaming(Contract):
    """The claim of ``latency``, made or not made."""

    def stream(self, subject: Any, sample_rate: int) -> Any:
        """Return a new stream of ``subject``."""
        return subject.stream(sample_rate)

    @staticmethod
    def said(outputs: Sequence[Any]) -> tuple[NDArray[Any], ...]:
        """Return what feeds and flush gave, joined, as arrays on the host."""
        raise NotImplementedError

    @staticmethod
    def due(frames: int, sample_rate: int, latency: float) -> int:
        """Return how many values a stream must have given after ``frames`` samples."""
        return max(0, int(frames - latency * sample_rate))

    @staticmethod
    def differ(one: tuple[NDArray[Any], ...], other: tuple[NDArray[Any], ...]) -> str | None:
        """Return how two results differ, None where nobody can measure it."""
        raise NotImplementedError

    def strays(self, whole: tuple[NDArray[Any], ...], said: tuple[NDArray[Any], ...]) -> str | None:
        """Return how far a stream is from whole-file work, None where that is near enough."""
        raise NotImplementedError

    def test_a_stream_agrees_with_the_whole(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for rate in (16_000, 44_100):
            audio = self.sound(2 * SECONDS, rate, seed=3)
            said = self.said(_fed(self.stream(subject, rate), audio, [1000] * 200))
            fault = self.strays(self.hear(subject, audio), said)
            assert fault is None, f"{self.who} streams something else than the whole: {fault}"

    def test_a_stream_does_not_depend_on_its_blocks(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sounds = {rate: self.sound(SECONDS, rate, seed=3) for rate in (16_000, 44_100)}
        whole = {
            rate: self.said(_fed(self.stream(subject, rate), audio, []))
            for rate, audio in sounds.items()
        }

        @drawn(
            15,
            rate=st.sampled_from(sorted(sounds)),
            sizes=st.lists(st.one_of(st.integers(0, 300), st.integers(0, 9000)), max_size=12),
        )
        def holds(rate: int, sizes: list[int]) -> None:
            stream = self.stream(subject, rate)
            said = self.said(_fed(stream, sounds[rate], sizes))
            fault = self.differ(whole[rate], said)
            assert fault is None, f"{self.who} streams otherwise in other blocks: {fault}"

    def test_a_stream_is_no_later_than_it_says(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        audio = self.sound(SECONDS, 16_000, seed=4)
        stream = self.stream(subject, 16_000)
        assert stream.latency <= latency, (
            f"{self.who} declares a latency of {latency:g} s, "
            f"but its stream one of {stream.latency:g} s"
        )
        outputs: list[Any] = []

        def check(fed: int, output: Any) -> None:
            outputs.append(output)
            given, due = len(self.said(outputs)[0].T), self.due(fed, 16_000, latency)
            assert given >= due, (
                f"{self.who} declares a latency of {latency:g} s, but after {fed} samples its "
                f"stream gave {given} values and not {due}"
            )

        _fed(stream, audio, [700] * 40, check)

    def test_two_streams_do_not_disturb_each_other(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        sounds = [self.sound(0.5, 16_000, seed=seed) for seed in (5, 6)]
        alone = [self.said(_fed(self.stream(subject, 16_000), one, [999] * 20)) for one in sounds]
        streams = [self.stream(subject, 16_000) for _ in sounds]
        outputs: list[list[Any]] = [[], []]
        for start in range(0, sounds[0].frames, 999):
            for stream, sound, given in zip(streams, sounds, outputs, strict=True):
                given.append(stream.feed(_cut(sound, start, start + 999)))
        for stream, given, expected in zip(streams, outputs, alone, strict=True):
            given.append(stream.flush())
            fault = self.differ(expected, self.said(given))
            assert fault is None, f"two streams of {self.who} disturb each other: {fault}"

    @refusal
    def test_a_latency_under_the_one_claimed_is_refused(self, latency: float) -> None:
        if latency > 0:
            self._not_selected(0.9 * latency)

    @refusal
    def test_streaming_is_refused(self, place: Place, no_latency: str) -> None:
        subject = self.subject(place)
        self._not_selected(10.0)
        assert not hasattr(subject.inner, "stream"), (
            f"{self.who} has stream(), but its offer states no latency; state it"
        )
        with pytest.raises(InputError) as refused:
            self.stream(subject, 16_000)
        assert str(refused.value) == (
            f"stream: {self.backend} works on whole windows and can't stream; "
            "select a backend with Need(max_latency=...)"
        )

    def _not_selected(self, most: float) -> None:
        offer = self.entry.offer
        need = Need(devices=offer.devices[:1], dtype=offer.dtypes[0], max_latency=most)
        with pytest.raises(NoBackend):
            select(self.operation, need, name=self.backend)


def _fed(
    stream: Any,
    audio: Audio,
    sizes: Sequence[int],
    check: Callable[[int, Any], None] = lambda fed, output: None,
) -> list[Any]:
    """Feed blocks of ``sizes``, the rest in one block, and flush."""
    outputs, fed = [], 0
    for size in (*sizes, audio.frames):
        block = _cut(audio, fed, fed + size)
        fed += block.frames
        outputs.append(stream.feed(block))
        check(fed, outputs[-1])
    outputs.append(stream.flush())
    return outputs


def _cut(audio: Audio, start: int, stop: int) -> Audio:
    return Audio(np.array(audio.numpy()[:, start:stop]), audio.sample_rate)

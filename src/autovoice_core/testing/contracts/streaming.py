"""A stream says what the whole would, no later than declared; others refuse to stream.

Whole-file work may know what is to come and a stream may not, so the two need only agree, as far
as an operation's contract says. To the bit the same is what a stream says of one sound fed in
blocks of any sizes, and at once: see :mod:`~autovoice_core.testing.contracts.blocks`.
"""

from __future__ import annotations

from typing import Any

import pytest

from autovoice_core._errors import InputError, NoBackend
from autovoice_core.backends.offer import Need
from autovoice_core.backends.selection import select
from autovoice_core.testing.contracts.base import Place, refusal
from autovoice_core.testing.contracts.blocks import SECONDS, Blocks, Found, feed


class Streaming(Blocks):
    """The claim of ``latency``, made or not made."""

    @staticmethod
    def due(frames: int, sample_rate: int, latency: float) -> int:
        """Return how many values a stream must have given after ``frames`` samples."""
        return max(0, int(frames - latency * sample_rate))

    def strays(self, whole: Found, said: Found, sample_rate: int) -> str | None:
        """Return how far a stream is from whole-file work, None where that is near enough."""
        raise NotImplementedError

    def test_a_stream_agrees_with_the_whole(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for rate in (8_000, 16_000, 44_100, 48_000):
            audio = self.sound(2 * SECONDS, rate, seed=3)
            said = self.said(feed(self.stream(subject, rate), audio, [1000] * 200))
            fault = self.strays(self.hear(subject, audio), said, rate)
            assert fault is None, f"{self.who} streams something else than the whole: {fault}"

    def test_a_stream_is_no_later_than_it_says(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        audio = self.sound(SECONDS, 16_000, seed=4)
        stream = self.stream(subject, 16_000)
        assert stream.latency <= latency, (
            f"{self.who} declares a latency of {latency:g} s, "
            f"but its stream one of {stream.latency:g} s"
        )
        heard: list[Any] = []

        def check(fed: int, output: Any) -> None:
            heard.append(output)
            given, due = len(self.said(heard)[0].T), self.due(fed, 16_000, latency)
            assert given >= due, (
                f"{self.who} declares a latency of {latency:g} s, but after {fed} samples its "
                f"stream gave {given} values and not {due}"
            )

        feed(stream, audio, [700] * 40, check)

    def test_a_latency_is_not_longer_than_it_takes(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        parts = [0.0]
        for rate in (8_000, 44_100):
            audio = self.sound(SECONDS, rate, seed=4)
            outputs: list[Any] = []

            def check(
                fed: int, output: Any, rate: int = rate, outputs: list[Any] = outputs
            ) -> None:
                outputs.append(output)
                given = len(self.said(outputs)[0].T)
                enough = (i for i in range(21) if given >= self.due(fed, rate, i / 20 * latency))
                parts.append(next(enough, 20) / 20)

            step = rate // 50
            feed(self.stream(subject, rate), audio, [step] * (audio.frames // step), check)
        waits = max(parts) * latency
        assert latency <= 2 * waits + 0.02, (
            f"{self.who} declares a latency of {latency:g} s, but its stream waits for "
            f"{waits:g} s at most; claim that"
        )

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

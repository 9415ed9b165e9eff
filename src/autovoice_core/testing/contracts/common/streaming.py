"""Tests of streams: they agree with whole-file results, within the latency declared.

A stream can't look ahead as whole-file processing does, so the two need only agree within the
tolerance of the operation's contract. With itself, fed in blocks of other sizes, it agrees
more closely: see :mod:`~autovoice_core.testing.contracts.common.stream_blocks`.
"""

from __future__ import annotations

from typing import Any

import pytest

from autovoice_core._errors import InputError, NoBackend
from autovoice_core._types import Audio
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.need import Need
from autovoice_core.testing.contracts.common.contract import Place, Result, refusal, slow
from autovoice_core.testing.contracts.common.lengths import until_loud
from autovoice_core.testing.contracts.common.long_streams import LongStreams
from autovoice_core.testing.contracts.common.stream_blocks import SIGNAL_SECONDS, feed


class Streaming(LongStreams):
    """Tests of a declared ``latency``, and of the refusal to stream without one."""

    @staticmethod
    def values_due(frames: int, sample_rate: int, latency: float) -> int:
        """Return the number of values that are due after ``frames`` samples."""
        return max(0, int(frames - latency * sample_rate))

    def stream_difference(self, whole: Result, streamed: Result, sample_rate: int) -> str | None:
        """Return how a stream differs from whole-file processing, None if within the tolerance."""
        raise NotImplementedError

    def stream_signal(self, seconds: float, sample_rate: int, seed: int) -> Audio:
        """Return a sound with as many channels as a stream may have."""
        return self.signal(seconds, sample_rate, seed)

    def test_a_stream_is_there_to_its_end(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for rate in (16_000, 44_100):
            sound = until_loud(self.signal(2.0, rate, seed=3))
            streamed = self.joined(feed(self.stream(subject, rate), sound, [1000] * 100))
            fault = self.difference_at_end(self.run(subject, sound), streamed, rate)
            assert fault is None, (
                f"{self.backend}: at {rate} Hz the end of a stream is not that of the whole file: "
                f"{fault}"
            )

    @slow
    def test_a_stream_agrees_with_the_whole(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        for rate in (16_000, 44_100):
            audio = self.stream_signal(2 * SIGNAL_SECONDS, rate, 3)
            streamed = self.joined(feed(self.stream(subject, rate), audio, [1000] * 200))
            fault = self.stream_difference(self.run(subject, audio), streamed, rate)
            assert fault is None, (
                f"{self.backend} streams another result than for the whole file: {fault}"
            )

    def test_a_stream_is_no_later_than_it_says(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        audio = self.signal(SIGNAL_SECONDS, 16_000, seed=4)
        stream = self.stream(subject, 16_000)
        assert stream.latency <= latency, (
            f"{self.backend} declares a latency of {latency:g} s, "
            f"but its stream has one of {stream.latency:g} s"
        )
        outputs: list[Any] = []

        def check(fed: int, output: Any) -> None:
            outputs.append(output)
            given, due = len(self.joined(outputs)[0].T), self.values_due(fed, 16_000, latency)
            assert given >= due, (
                f"{self.backend} declares a latency of {latency:g} s, but after {fed} samples its "
                f"stream has returned {given} values, not {due}"
            )

        feed(stream, audio, [700] * 40, check)

    @slow
    def test_a_latency_is_not_longer_than_it_takes(self, place: Place, latency: float) -> None:
        subject = self.subject(place)
        parts = [0.0]
        for rate in (8_000, 44_100):
            audio = self.signal(SIGNAL_SECONDS, rate, seed=4)
            outputs: list[Any] = []

            def check(
                fed: int, output: Any, rate: int = rate, outputs: list[Any] = outputs
            ) -> None:
                outputs.append(output)
                given = len(self.joined(outputs)[0].T)
                enough = (
                    i for i in range(21) if given >= self.values_due(fed, rate, i / 20 * latency)
                )
                parts.append(next(enough, 20) / 20)

            step = rate // 50
            feed(self.stream(subject, rate), audio, [step] * (audio.frames // step), check)
        waits = max(parts) * latency
        assert latency <= 2 * waits + 0.02, (
            f"{self.backend} declares a latency of {latency:g} s, but its stream waits for "
            f"{waits:g} s at most; claim that"
        )

    @refusal
    def test_a_latency_under_the_one_claimed_is_refused(self, latency: float) -> None:
        if latency > 0:
            self._expect_latency_rejection(0.9 * latency)

    @refusal
    def test_streaming_is_refused(self, place: Place, no_latency: str) -> None:
        subject = self.subject(place)
        self._expect_latency_rejection(10.0)
        assert not hasattr(subject.inner, "stream"), (
            f"{self.backend} has stream(), but its offer states no latency; state it"
        )
        with pytest.raises(InputError) as refused:
            self.stream(subject, 16_000)
        assert str(refused.value) == (
            f"stream: {self.backend} works on whole windows and can't stream; "
            "select a backend with Need(max_latency=...)"
        )

    def _expect_latency_rejection(self, max_latency: float) -> None:
        offer = self.entry.offer
        need = Need(devices=offer.devices[:1], dtype=offer.dtypes[0], max_latency=max_latency)
        with pytest.raises(NoBackend):
            select(self.operation, need, name=self.backend)

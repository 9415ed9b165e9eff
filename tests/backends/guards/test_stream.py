from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio, ContractViolation, InputError, Stems
from autovoice_core._provenance import Provenance
from autovoice_core.backends.guards import guard

MADE = Provenance("separation", "mine/fast", "mine 1.0", "cpu", "float32")
SILENCE = Audio(np.zeros((1, 100), np.float32), 8000)


class Stream:
    latency: Any = 0.0

    def __init__(self, output: Any = None) -> None:
        self.output = output or Stems(SILENCE, SILENCE)

    def feed(self, block: Audio) -> Any:
        return self.output

    def flush(self) -> Any:
        return self.output


class Separator:
    context = 0.0

    def __init__(self, stream: Any = None) -> None:
        if stream is not None:
            self.stream = lambda sample_rate: stream

    def grid(self, sample_rate: int) -> int:
        return 1

    def separate(self, mixture: Audio) -> Stems:
        return Stems(mixture, mixture)


def test_a_stream_is_refused_where_none_is_offered() -> None:
    with pytest.raises(InputError) as refused:
        guard(Separator(Stream()), MADE).stream(8000)
    assert str(refused.value) == (
        "stream: mine/fast works on whole windows and can't stream; "
        "select a backend with Need(max_latency=...)"
    )


def test_a_latency_without_a_stream_is_a_fault_of_the_backend() -> None:
    with pytest.raises(ContractViolation) as broken:
        guard(Separator(), MADE, 0.1)
    assert str(broken.value) == (
        "mine/fast (mine 1.0) on cpu broke its contract: "
        "its offer states a latency, but Separator has no method stream()"
    )


def test_what_a_stream_gives_says_what_made_it() -> None:
    stream = guard(Separator(Stream()), MADE, 0.1).stream(8000)
    assert stream.latency == 0.0
    assert stream.feed(SILENCE).vocals.made_by == (MADE,)
    assert stream.flush().accompaniment.made_by == (MADE,)


def test_a_stream_is_fed_audio_that_is_finite() -> None:
    stream = guard(Separator(Stream()), MADE, 0.1).stream(8000)
    with pytest.raises(InputError) as refused:
        stream.feed(Audio(np.full((1, 9), np.nan, np.float32), 8000))
    assert str(refused.value) == "block: it holds NaN or infinite samples; replace them first"


def test_a_stream_that_gives_something_else_is_named() -> None:
    stream = guard(Separator(Stream(output="sound")), MADE, 0.1).stream(8000)
    with pytest.raises(ContractViolation) as broken:
        stream.feed(SILENCE)
    assert str(broken.value) == (
        "mine/fast (mine 1.0) on cpu broke its contract: feed() returned str, not Stems"
    )


def test_a_stream_has_a_latency_in_seconds() -> None:
    stream = Stream()
    stream.latency = None
    with pytest.raises(ContractViolation) as broken:
        guard(Separator(stream), MADE, 0.1).stream(8000)
    assert str(broken.value) == (
        "mine/fast (mine 1.0) on cpu broke its contract: "
        "the stream's latency is None, not a number of seconds"
    )


def test_a_block_of_another_rate_is_refused() -> None:
    stream = guard(Separator(Stream()), MADE, 0.1).stream(44100)
    with pytest.raises(InputError) as refused:
        stream.feed(SILENCE)
    assert str(refused.value) == (
        "block: it has 8000 Hz, not the stream's 44100 Hz; resample it first"
    )


def test_a_stream_that_is_over_takes_and_gives_nothing_more() -> None:
    stream = guard(Separator(Stream()), MADE, 0.1).stream(8000)
    stream.feed(SILENCE)
    stream.flush()
    for again in (lambda: stream.feed(SILENCE), stream.flush):
        with pytest.raises(InputError) as refused:
            again()
        assert str(refused.value) == (
            "stream: it ended with flush(); open another stream for more sound"
        )

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from live_streams import LATE, RATE, Later, Opener, sound

from autovoice_core import StorageError
from autovoice_core.audio.source import Block
from autovoice_core.server.stream.changing import (
    FADE_SECONDS,
    LOOKBACK_SECONDS,
    ChangingStream,
    Singing,
)

PLAIN = Singing("iona", 1.0, None, None, None)
FADE, LOOKBACK = round(FADE_SECONDS * RATE), round(LOOKBACK_SECONDS * RATE)


def changing(opener: Opener | None = None, executor: Later | None = None) -> ChangingStream:
    return ChangingStream(opener or Opener(), PLAIN, RATE, 1, executor or Later())


def fed(stream: ChangingStream, samples: Block, size: int = 100) -> Block:
    edges = [*range(0, samples.shape[1], size), samples.shape[1]]
    pieces = [stream.feed(samples[:, a:b]) for a, b in pairwise(edges)]
    return np.concatenate(pieces, axis=1)


@given(st.lists(st.integers(0, 900), min_size=1, max_size=8))
def test_without_a_change_it_is_the_stream_to_the_bit(sizes: list[int]) -> None:
    stream, samples = changing(), sound(sum(sizes))
    edges = np.cumsum([0, *sizes]).tolist()
    pieces = [stream.feed(samples[:, a:b]) for a, b in pairwise(edges)]
    output = np.concatenate([*pieces, stream.flush()], axis=1)
    np.testing.assert_array_equal(output, samples)
    assert stream.fed == stream.given == sum(sizes)


@given(size=st.integers(1, 700), before=st.integers(0, 5_000), rest=st.integers(0, 4_000))
def test_a_change_is_faded_where_it_says_and_nowhere_else(
    size: int, before: int, rest: int
) -> None:
    executor = Later()
    stream = changing(executor=executor)
    ones = np.ones((1, before), np.float32)
    output = [fed(stream, ones, size)] if before else []
    stream.change(evolve(PLAIN, key=3.0))
    assert stream.begin_change() is None
    executor.run()
    change = stream.begin_change()
    assert change is not None
    assert (change.singing.key, change.samples) == (3.0, FADE)
    assert change.position == before + LOOKBACK
    output.append(fed(stream, np.ones((1, LOOKBACK + FADE + rest), np.float32), size))
    whole = np.concatenate([*output, stream.flush()], axis=1)[0]
    assert whole.size == stream.given == before + LOOKBACK + FADE + rest
    old, faded, new = np.split(whole, [change.position, change.position + FADE])
    assert (old == 1.0).all()
    assert (new == 3.0).all()
    steps = np.diff(np.concatenate([[1.0], faded, [3.0]]))
    np.testing.assert_allclose(steps, 2.0 / (FADE + 1), atol=1e-6)


@given(st.lists(st.tuples(st.integers(0, 1_500), st.booleans(), st.booleans()), max_size=12))
def test_a_sample_is_never_later_than_declared_whatever_is_changed(
    steps: list[tuple[int, bool, bool]],
) -> None:
    executor = Later()
    stream = changing(executor=executor)
    key = 1.0
    for size, change, ready in steps:
        if change:
            key += 1.0
            stream.change(evolve(PLAIN, key=key))
        if ready:
            executor.run()
        stream.begin_change()
        stream.feed(sound(size))
        assert stream.fed - stream.given < LATE
    stream.flush()
    assert stream.given == stream.fed


def test_changes_that_come_together_are_one_and_the_last_one_holds() -> None:
    opener, executor = Opener(), Later()
    stream = changing(opener, executor)
    for key in (2.0, 3.0, 4.0):
        stream.change(evolve(PLAIN, key=key))
    stream.begin_change()
    stream.change(evolve(PLAIN, key=5.0))
    for _ in range(4):
        executor.run()
        stream.begin_change()
        fed(stream, sound(LOOKBACK + LATE + FADE))
    assert [each.factor for each in opener.opened] == [1.0, 4.0, 5.0]
    assert not stream.is_changing
    np.testing.assert_allclose(stream.feed(np.ones((1, 4_000), np.float32))[0, -1], 5.0)


def test_a_new_stream_goes_on_from_what_the_old_one_has_learnt() -> None:
    opener, executor = Opener(), Later()
    stream = changing(opener, executor)
    stream.change(evolve(PLAIN, key=2.0))
    stream.begin_change()
    executor.run()
    first, second = opener.opened
    assert first.after is None
    assert second.after is first
    third = stream.restarted()._now.stream
    assert third.factor == 2.0  # type: ignore[attr-defined]
    assert third.after is first  # type: ignore[attr-defined]


def test_a_restart_begins_at_0_with_what_was_last_asked_for() -> None:
    stream = changing()
    stream.feed(sound(3_000))
    stream.change(evolve(PLAIN, key=7.0))
    again = stream.restarted()
    assert (again.fed, again.given, again.is_changing) == (0, 0, False)
    np.testing.assert_array_equal(again.feed(np.ones((1, 2_000), np.float32)), 7.0)


def test_an_end_within_a_change_gives_every_sample_once() -> None:
    for rest in (0, 1, LOOKBACK - 1, LOOKBACK, LOOKBACK + FADE // 2):
        executor = Later()
        stream = changing(executor=executor)
        stream.change(evolve(PLAIN, key=3.0))
        stream.begin_change()
        executor.run()
        stream.begin_change()
        output = stream.feed(np.ones((1, rest), np.float32))
        assert output.shape[1] + stream.flush().shape[1] == rest


def test_a_change_that_fails_is_told_when_it_would_begin() -> None:
    def only_iona(singing: Singing) -> Exception | None:
        return None if singing.voice == "iona" else StorageError("no such voice")

    executor = Later()
    stream = changing(Opener(error=only_iona), executor)
    stream.change(evolve(PLAIN, voice="mara"))
    stream.begin_change()
    executor.run()
    with pytest.raises(StorageError, match="no such voice"):
        stream.begin_change()

from __future__ import annotations

import time
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core.batch.progress import BatchProgress, Progress
from autovoice_core.batch.work import Event, Outcome


@pytest.fixture
def told() -> list[BatchProgress]:
    return []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, which only tests move."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_what_is_done_counts_by_the_bytes_of_songs(
    told: list[BatchProgress], clock: list[float]
) -> None:
    progress = Progress(["a", "b"], [100, 300], told.append)
    progress.event(Event(1, "pitch", 0.5))
    clock[0] += 30.0
    progress.ended(Outcome(1, error="it is odd"))
    progress.event(Event(0, "pitch", 0.25))
    progress.ended(Outcome(0))
    first, second = ("pitch", 0.5), ("pitch", 0.25)
    assert told == [
        BatchProgress(0, 0, 2, 0.375, None, {"b": first}),
        BatchProgress(0, 1, 2, 0.75, 10.0, {}),
        BatchProgress(0, 1, 2, 0.8125, 30 / 325 * 75, {"a": second}),
        BatchProgress(1, 1, 2, 1.0, 0.0, {}),
    ]


def test_a_song_of_few_bytes_counts_a_tenth_of_the_mean(told: list[BatchProgress]) -> None:
    progress = Progress(["a", "b"], [0, 2000], told.append)
    progress.ended(Outcome(0))
    assert told[-1].fraction == pytest.approx(100 / 2100)


def test_the_time_left_is_not_known_until_a_song_has_ended(
    told: list[BatchProgress], clock: list[float]
) -> None:
    progress = Progress(["a", "b"], [1, 1], told.append)
    progress.tell()
    progress.event(Event(0, "pitch", 0.9))
    clock[0] += 9.0
    progress.event(Event(0, "pitch", 1.0))
    assert [each.remaining_seconds for each in told] == [None, None, None]
    progress.ended(Outcome(0))
    assert told[-1].remaining_seconds == pytest.approx(9.0)


def test_a_batch_without_songs_is_done(told: list[BatchProgress]) -> None:
    Progress([], [], told.append).tell()
    assert told == [BatchProgress(0, 0, 0, 1.0, None, {})]


def test_nobody_need_listen() -> None:
    progress = Progress(["a"], [1], None)
    progress.event(Event(0, "pitch", 0.5))
    progress.ended(Outcome(0))


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=8), st.randoms())
def test_the_fraction_rises_to_one(sizes: list[int], random: object) -> None:
    told: list[BatchProgress] = []
    progress = Progress([str(n) for n in range(len(sizes))], sizes, told.append)
    order = list(range(len(sizes)))
    random.shuffle(order)  # type: ignore[attr-defined]
    for number in order:
        for fraction in (0.0, 0.3, 1.0):
            progress.event(Event(number, "pitch", fraction))
        progress.ended(Outcome(number))
    fractions = [each.fraction for each in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert told[-1].remaining_seconds == 0.0


def test_it_tells_one_thing_at_a_time_and_in_order() -> None:
    told: list[int] = []
    inside = 0

    def tell(batch: BatchProgress) -> None:
        nonlocal inside
        inside += 1
        assert inside == 1
        time.sleep(0.001)
        told.append(batch.done)
        inside -= 1

    progress = Progress([str(n) for n in range(20)], [1] * 20, tell)
    threads = [Thread(target=progress.ended, args=(Outcome(n),)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == sorted(told)
    assert (len(told), told[-1]) == (20, 20)


def test_starts_and_ends_of_songs_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="autovoice_core")
    progress = Progress(["a", "b"], [100, 100], None)
    for fraction in (0.0, 0.5):
        progress.event(Event(0, "pitch", fraction))
    progress.ended(
        Outcome(0, made_by=("cpu/nccf",), warnings=["it clips"], seconds=1.25, worker="here:7")
    )
    progress.ended(Outcome(1, error="it is odd", seconds=0.5))
    assert caplog.messages == [
        "a: begun",
        "a: it clips",
        "a: done in 1.2 s by cpu/nccf on here:7",
        "b: failed after 0.5 s: it is odd",
    ]

"""Waiting for programs that write, by a clock that goes on only while this one waits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from autovoice_core import StorageError, VoiceProfile, VoiceProfileStorage
from autovoice_core.voices import busy


class Clock:
    """The clock of :mod:`busy`; what happens while it waits is given."""

    def __init__(self, meanwhile: Callable[[], None]) -> None:
        self.now, self.meanwhile = 0.0, meanwhile

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += 0.4 * busy.TIMEOUT_SECONDS
        self.meanwhile()


@pytest.fixture
def other(
    storage: VoiceProfileStorage, make_profile: Callable[..., VoiceProfile]
) -> Iterator[sqlite3.Connection]:
    """Another program that has begun to write."""
    storage.add(make_profile())
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_a_writer_waits_as_long_as_others_come_to_an_end(
    storage: VoiceProfileStorage, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = 20

    def end_one_and_begin_the_next() -> None:
        nonlocal left
        left -= 1
        other.execute("UPDATE voices SET loudness = loudness + 1")
        other.execute("COMMIT")
        if left:
            other.execute("BEGIN IMMEDIATE")

    monkeypatch.setattr(busy, "time", Clock(end_one_and_begin_the_next))
    storage.rename("iona", "hebe")
    assert left == 0
    assert [voice.name for voice in storage.list()] == ["hebe"]


def test_a_writer_gives_up_where_another_does_not_come_to_an_end(
    storage: VoiceProfileStorage, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(lambda: None)
    monkeypatch.setattr(busy, "time", clock)
    with pytest.raises(StorageError) as caught:
        storage.rename("iona", "hebe")
    assert str(caught.value) == (
        f"{storage.path}: another program has been writing for 30 s; try again when it is done"
    )
    assert clock.now == pytest.approx(1.2 * busy.TIMEOUT_SECONDS)

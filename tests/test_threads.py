from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from autovoice_core import InputError
from autovoice_core._threads import (
    VARIABLE,
    allowed_threads,
    map_in_order,
    thread_count,
    threads_allowed,
)


def test_results_come_in_order_whichever_is_ready_first() -> None:
    second_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_done.wait(10)
        if number == 1:
            second_done.set()
        return 10 * number

    assert list(map_in_order(work, range(5), 2)) == [0, 10, 20, 30, 40]


def test_no_more_items_are_read_than_there_are_threads() -> None:
    read: list[int] = []

    def items() -> Iterator[int]:
        for number in range(9):
            read.append(number)
            yield number

    results = map_in_order(lambda number: number, items(), 3)
    assert next(results) == 0
    assert len(read) <= 4  # one more than are in work, which waits for its place
    results.close()
    assert len(read) <= 4


def test_an_error_is_raised_in_its_turn_and_ends_the_work() -> None:
    def work(number: int) -> int:
        if number == 2:
            raise ValueError("two")
        return number

    found: list[int] = []
    with pytest.raises(ValueError, match="two"):
        found.extend(map_in_order(work, range(100), 4))
    assert found in ([], [0, 1])
    assert not [each for each in threading.enumerate() if each.name.startswith("autovoice")]


def test_one_thread_is_that_of_the_caller() -> None:
    here = threading.current_thread()
    assert all(each is here for each in map_in_order(lambda _: threading.current_thread(), "ab"))


def test_what_is_allowed_holds_inside_only_and_for_threads_too() -> None:
    with allowed_threads(3):
        assert list(map_in_order(lambda _: threads_allowed(), range(4))) == [3] * 4
    assert threads_allowed() == 1


def test_the_argument_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert thread_count(None) >= 1
    monkeypatch.setenv(VARIABLE, "3")
    assert (thread_count(None), thread_count(2)) == (3, 2)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many"])
def test_a_wrong_number_of_threads_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises(InputError) as caught:
        thread_count(None)
    assert str(caught.value) == (
        f"AUTOVOICE_THREADS: {text!r} is not a number of threads; give 1 or more"
    )
    with pytest.raises(InputError) as caught:
        thread_count(0)
    assert str(caught.value) == "threads: 0 is not a number of threads; give 1 or more"

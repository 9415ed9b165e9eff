from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from waiting import PATIENCE

from autovoice_core import InputError
from autovoice_core._threads import (
    VARIABLE,
    allowed_threads,
    in_background,
    map_in_order,
    read_ahead,
    thread_count,
    threads_allowed,
)


def test_results_come_in_order_whichever_is_ready_first() -> None:
    second_done = threading.Event()

    def work(number: int) -> int:
        if number == 0:
            assert second_done.wait(PATIENCE)
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


def test_threads_go_on_while_the_caller_has_a_result_in_hand() -> None:
    begun = [threading.Event() for _ in range(4)]

    def work(number: int) -> int:
        begun[number].set()
        return number

    results = map_in_order(work, range(4), 2)
    assert next(results) == 0
    assert begun[2].wait(PATIENCE)
    results.close()


def test_what_is_allowed_holds_inside_only_and_work_has_one_thread() -> None:
    with allowed_threads(3):
        assert threads_allowed() == 3
        assert list(map_in_order(lambda _: threads_allowed(), range(4))) == [1] * 4
        assert threads_allowed() == 3
    assert threads_allowed() == 1


def test_the_next_item_is_read_while_the_caller_has_one() -> None:
    second_read = threading.Event()

    def items() -> Iterator[int]:
        yield 0
        second_read.set()
        yield 1
        raise ValueError("two")

    ahead = read_ahead(items(), 2)
    assert next(ahead) == 0
    assert second_read.wait(PATIENCE)
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="two"):
        next(ahead)


def test_on_one_thread_nothing_is_read_ahead() -> None:
    here, read = threading.current_thread(), []

    def items() -> Iterator[int]:
        for number in range(3):
            assert threading.current_thread() is here
            read.append(number)
            yield number

    for number in read_ahead(items(), 1):
        assert read[-1] == number


def test_work_in_the_background_returns_its_result_or_its_error() -> None:
    with in_background(lambda wanted: wanted()) as result:
        assert result() is True
    with pytest.raises(ZeroDivisionError), in_background(lambda _: 1 // 0) as failing:
        failing()


def test_work_in_the_background_is_told_when_it_is_no_longer_wanted() -> None:
    ended = threading.Event()

    def work(wanted: Callable[[], bool]) -> None:
        while wanted():
            ended.wait(0.001)
        ended.set()

    with pytest.raises(KeyError), in_background(work):
        raise KeyError
    assert ended.is_set()


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

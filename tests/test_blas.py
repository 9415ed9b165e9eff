from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from threadpoolctl import threadpool_info, threadpool_limits
from waiting import PATIENCE

from autovoice_core._blas import single_threaded_blas


def _blas_threads() -> set[int]:
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


def test_the_limit_holds_until_the_last_thread_has_left() -> None:
    before = _blas_threads()
    both_inside, one_left = Barrier(2), Barrier(2)

    def first() -> set[int]:
        with single_threaded_blas():
            both_inside.wait(PATIENCE)
        one_left.wait(PATIENCE)
        return set()

    def second() -> set[int]:
        with single_threaded_blas():
            both_inside.wait(PATIENCE)
            one_left.wait(PATIENCE)
            return _blas_threads()

    for _ in range(3):  # each time by other threads
        with ThreadPoolExecutor(2) as pool:
            found = [pool.submit(first), pool.submit(second)][1].result()
        assert found == {1}
        assert _blas_threads() == before


def test_an_error_lifts_it() -> None:
    before = _blas_threads()
    with pytest.raises(ValueError, match="inside"), single_threaded_blas():
        raise ValueError("inside")
    assert _blas_threads() == before


def test_a_limit_of_the_callers_own_stays() -> None:
    with threadpool_limits(1, user_api="blas"):
        with single_threaded_blas():
            assert _blas_threads() == {1}
        assert _blas_threads() == {1}

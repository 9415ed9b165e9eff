from __future__ import annotations

import threading
import time
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, AutoVoiceWarning, BackendError, Provenance
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.window_plan import WindowPlan
from autovoice_core.audio.windows import Window

WORKER = Provenance("separation", "mine/small", "mine 1", "cpu", "float32")


class OutOfMemoryError(RuntimeError):
    """Of the name that CuPy and torch have for it."""


def chunk_plan(core: int = 400, *, limited: bool = True, **more: Any) -> WindowPlan:
    return WindowPlan(core, 30, 10, min_core=50, provenance=WORKER, limited=limited, **more)


def joined(found: list[tuple[Any, Window, Any]]) -> np.ndarray[Any, Any]:
    return np.concatenate([result[window.keep] for _, window, result in found])


@settings(deadline=None)
@given(frames=st.integers(1, 3000), most=st.integers(140, 600), at_once=st.integers(1, 4))
def test_where_memory_runs_out_nothing_is_lost_or_repeated(
    frames: int, most: int, at_once: int
) -> None:
    audio = Audio(np.arange(frames, dtype=np.float32)[None], 8000)
    sizes: list[int] = []

    def work(part: list[tuple[None, Window]]) -> list[Any]:
        size = sum(window.audio.frames for _, window in part)
        if size > most:
            raise MemoryError
        sizes.append(size)
        return [window.samples[0] for _, window in part]

    plan = chunk_plan()
    whole = list(plan.windows(as_source(audio)))
    found: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AutoVoiceWarning)
        for i in range(0, len(whole), at_once):
            found += plan.process([(None, window) for window in whole[i : i + at_once]], work)
    np.testing.assert_array_equal(joined(found), audio.numpy()[0])
    assert all(window.start % 10 == 0 for _, window, _ in found)
    assert [window.last for _, window, _ in found] == [False] * (len(found) - 1) + [True]
    for _, window, _ in found:
        stop = window.start + window.audio.frames
        assert window.start == 0 or window.core.start - window.start >= 30
        assert stop == frames or stop - window.core.stop >= 30
    assert max(sizes) <= most


def test_it_says_so_once_and_stays_at_what_went_well() -> None:
    plan = chunk_plan()
    audio = Audio(np.zeros((1, 1600), np.float32), 8000)

    def work(samples: Audio, start: int) -> int:
        if samples.frames > 300:
            raise BackendError("it failed", WORKER) from OutOfMemoryError("no room")
        return start

    with pytest.warns(AutoVoiceWarning) as caught:
        done = list(plan.process_source(as_source(audio), work))
    assert [str(each.message) for each in caught] == [
        "mine/small ran out of memory; continuing with 1 window of 0.0 s at a time"
    ]
    assert len(done) == 8
    assert [start for _, start in done] == sorted({start for _, start in done})


def test_of_several_windows_fewer_are_tried_before_shorter_ones() -> None:
    plan = chunk_plan()
    audio = Audio(np.zeros((1, 1600), np.float32), 8000)
    counts: list[int] = []

    def work(part: list[tuple[None, Window]]) -> list[None]:
        counts.append(len(part))
        if len(part) > 1:
            raise MemoryError
        return [None] * len(part)

    with pytest.warns(AutoVoiceWarning, match="continuing with [12] windows? of 0.1 s at a time"):
        list(plan.process([(None, window) for window in plan.windows(as_source(audio))], work))
    assert counts == [4, 2, 1, 1, 1, 1]
    assert plan.core == 400


def test_the_least_window_is_the_last_that_is_tried() -> None:
    audio = Audio(np.zeros((1, 1600), np.float32), 8000)
    sizes: list[int] = []

    def work(samples: Audio, start: int) -> None:
        sizes.append(samples.frames)
        raise MemoryError

    with pytest.warns(AutoVoiceWarning), pytest.raises(BackendError) as caught:
        list(chunk_plan().process_source(as_source(audio), work))
    assert str(caught.value) == (
        "mine/small ran out of memory on a window of 0.0 s, and shorter ones would be mostly "
        "context; free memory, or use another device"
    )
    assert caught.value.provenance == WORKER
    assert isinstance(caught.value.__cause__, MemoryError)
    assert sizes == [430, 230, 130, 80]


@pytest.mark.parametrize(("limited", "error"), [(False, MemoryError()), (True, ValueError("no"))])
def test_without_a_limit_and_for_other_reasons_it_fails_at_once(
    limited: bool, error: Exception
) -> None:
    def work(samples: Audio, start: int) -> None:
        raise error

    audio = Audio(np.zeros((1, 1600), np.float32), 8000)
    with pytest.raises(type(error)):
        list(chunk_plan(limited=limited).process_source(as_source(audio), work))


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_windows_on_several_threads_come_in_order(threads: int) -> None:
    audio = Audio(np.arange(3000, dtype=np.float32)[None], 8000)
    plan = chunk_plan(limited=False, threads=threads)
    workers: set[str] = set()

    def work(part: Audio, start: int) -> Any:
        workers.add(threading.current_thread().name)
        time.sleep(0.02 if start == 0 else 0)
        return part.numpy()[0]

    found = list(plan.process_source(as_source(audio), work, in_parallel=True))
    assert joined([(None, *each) for each in found]).tolist() == audio.numpy()[0].tolist()
    assert len(workers) <= threads
    assert (threading.current_thread().name in workers) == (threads == 1)


def test_on_several_threads_what_there_is_no_memory_for_is_cut_as_on_one() -> None:
    audio = Audio(np.arange(3000, dtype=np.float32)[None], 8000)
    plan = chunk_plan(threads=2)

    def work(part: Audio, start: int) -> Any:
        if part.frames > 300:
            raise MemoryError
        return part.numpy()[0]

    with pytest.warns(AutoVoiceWarning) as caught:
        found = list(plan.process_source(as_source(audio), work, in_parallel=True))
    assert joined([(None, *each) for each in found]).tolist() == audio.numpy()[0].tolist()
    assert len(caught) == 1
    assert plan.core == 200


def test_on_several_threads_other_errors_are_raised() -> None:
    def work(part: Audio, start: int) -> Any:
        raise ValueError(start)

    audio = Audio(np.zeros((1, 3000), np.float32), 8000)
    plan = chunk_plan(threads=2)
    with pytest.raises(ValueError, match=r"^0$"):
        list(plan.process_source(as_source(audio), work, in_parallel=True))

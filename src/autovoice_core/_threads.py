"""Work on several threads: how many there are to use, and results in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from itertools import islice
from threading import Event
from typing import TypeVar

from autovoice_core._arguments import describe, is_number, plain_number
from autovoice_core._errors import ArgumentError
from autovoice_core._variables import variable_text

VARIABLE = "AUTOVOICE_THREADS"
"""Environment variable that sets the number of threads where no argument does."""

Item = TypeVar("Item")
Result = TypeVar("Result")

_allowed: ContextVar[int] = ContextVar("allowed_threads", default=1)


def thread_count(argument: int | None) -> int:
    """Return the number of threads: the argument, else the environment's, else one per core.

    Raises
    ------
    InputError
        It is not a whole number from 1.
    """
    origin = "threads" if argument is not None else VARIABLE
    value = variable_text(VARIABLE) if argument is None else argument
    if value is None:
        return _cores()
    count = plain_number(value)
    if not is_number(count) or count < 1 or count != int(count):
        raise ArgumentError(
            f"{origin}: {describe(value)} is not a number of threads; give 1 or more"
        )
    return int(count)


@contextmanager
def allowed_threads(count: int) -> Iterator[None]:
    """Let what is in this module use ``count`` threads inside; outside it uses one."""
    token = _allowed.set(count)
    try:
        yield
    finally:
        _allowed.reset(token)


def threads_allowed() -> int:
    """Return the number of threads that :func:`map_in_order` uses here."""
    return _allowed.get()


def map_in_order(
    work: Callable[[Item], Result], items: Iterable[Item], threads: int | None = None
) -> Iterator[Result]:
    """Yield ``work(item)`` of each item, in order, on several threads.

    No more items than threads are in work, or finished and not yet taken, at a time; the threads
    go on while the caller has a result in hand. An exception of ``work`` is raised in its turn; no
    further item is begun then, nor after the iterator is closed. Inside of ``work`` one thread is
    allowed.

    Parameters
    ----------
    work
        May be called from several threads at once.
    items
        Read by the caller's thread as they are needed.
    threads
        By default as many as are allowed; see :func:`allowed_threads`.
    """
    threads = _allowed.get() if threads is None else threads
    if threads == 1:
        yield from map(work, items)
        return
    pending: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="autovoice")
    try:
        for item in items:
            done = [pending.popleft().result()] if len(pending) == threads else []
            pending.append(pool.submit(copy_context().run, _alone, work, item))
            del item  # held by its thread alone
            while done:
                yield done.pop()  # not held here
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def read_ahead(items: Iterable[Item], threads: int | None = None) -> Iterator[Item]:
    """Yield ``items``; with several threads, the next one is read meanwhile.

    By default there are as many as are allowed; see :func:`allowed_threads`.
    """
    if (_allowed.get() if threads is None else threads) == 1:
        yield from items
        return
    iterator = iter(items)

    def read() -> list[Item]:
        return list(islice(iterator, 1))

    pool = ThreadPoolExecutor(1, thread_name_prefix="autovoice")
    try:
        following = pool.submit(copy_context().run, read)
        while found := following.result():
            following = pool.submit(copy_context().run, read)
            yield found.pop()  # not held here
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def in_background(work: Callable[[Callable[[], bool]], Result]) -> Iterator[Callable[[], Result]]:
    """Run ``work(wanted)`` on a thread of its own, inside; yield what waits for its result.

    ``wanted()`` turns false where the block is left before that.
    """
    left = Event()
    pool = ThreadPoolExecutor(1, thread_name_prefix="autovoice")
    result = pool.submit(copy_context().run, work, lambda: not left.is_set())
    try:
        yield result.result
    finally:
        left.set()
        pool.shutdown(wait=True)


def _alone(work: Callable[[Item], Result], item: Item) -> Result:
    """Return ``work(item)``, where no more than this thread is allowed."""
    _allowed.set(1)
    return work(item)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1

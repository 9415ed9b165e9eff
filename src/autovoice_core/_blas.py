"""A limit of one thread on the linear algebra of NumPy, for as long as anything needs it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import Any


class _SharedLimit:
    """One limit for all who are inside, set and lifted by a thread of its own.

    threadpoolctl ignores what any thread but the one that set a limit asks for, and the first to
    enter need not be the last to leave.
    """

    def __init__(self) -> None:
        self._lock, self._users = Lock(), 0

    def enter(self) -> None:
        with self._lock:
            if not self._users:
                self._owner = ThreadPoolExecutor(1, thread_name_prefix="autovoice-blas")
                self._limiter = self._owner.submit(self._limit).result()
            self._users += 1

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if not self._users:
                self._owner.submit(self._limiter.__exit__, None, None, None).result()
                self._owner.shutdown()

    @staticmethod
    def _limit() -> Any:
        from threadpoolctl import ThreadpoolController  # only where products are narrow

        return ThreadpoolController().limit(limits=1, user_api="blas").__enter__()


_shared = _SharedLimit()


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit BLAS to one thread inside, in the whole process; several threads may be inside.

    Narrow products gain little from a second thread on an idle machine, and on a busy one it waits
    in a loop for the first, which takes ten times as long.
    """
    _shared.enter()
    try:
        yield
    finally:
        _shared.leave()

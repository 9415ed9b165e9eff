"""Compilation of kernels by Numba, which keeps them on disk where there is a place for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from numba import config, njit

from autovoice_core._folders import kernel_folder


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator that compiles a function on its first call, to run without Python's lock.

    ``options`` are those of :func:`numba.njit`. Compiling all kernels takes about ten seconds. What
    was compiled is kept in :func:`~autovoice_core._folders.kernel_folder`; where there is none,
    each process compiles for itself.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        source = Path(function.__code__.co_filename)
        folder = kernel_folder(source)
        if folder is None:
            return njit(nogil=True, **options)(function)
        with _kept_in("" if folder == source.parent / "__pycache__" else str(folder)):
            dispatcher = njit(cache=True, nogil=True, **options)(function)
        # Numba's own guard of the cache passes over faults on Windows alone. But a full disk, or a
        # file that was cut short, is no reason to do without what was, or can be, compiled.
        dispatcher._cache._guard_against_spurious_io_errors = lambda: suppress(Exception)
        return dispatcher

    return decorate


@contextmanager
def _kept_in(folder: str) -> Iterator[None]:
    """Let Numba keep in ``folder`` what is decorated inside; empty: beside its source."""
    before = config.CACHE_DIR
    config.CACHE_DIR = folder
    try:
        yield
    finally:
        config.CACHE_DIR = before

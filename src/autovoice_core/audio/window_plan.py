"""Windows that are tried again, fewer at a time and then shorter, when memory runs out."""

from __future__ import annotations

import gc
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from attrs import define

from autovoice_core._errors import AutoVoiceWarning, BackendError
from autovoice_core._provenance import Provenance
from autovoice_core._threads import map_in_order
from autovoice_core._types import Audio
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import Window, iter_windows, round_up
from autovoice_core.memory.error_recognition import is_out_of_memory

Key = TypeVar("Key")
Result = TypeVar("Result")
Work = Callable[[list[tuple[Key, Window]]], Sequence[Result]]
"""Takes windows with their keys; returns a result for each."""


@define
class WindowPlan:
    """Windows of one size; the size shrinks where memory runs out within a limit.

    Attributes
    ----------
    core, context, grid
        As for :func:`~autovoice_core.audio.windows.iter_windows`; ``core`` is a multiple of
        ``grid``.
    min_core
        Frames of the shortest core that is worth its context.
    provenance
        Of the backend that works on the windows; named in errors and warnings.
    limited
        Whether memory is limited. If not, running out of it is an error at once.
    max_batch
        How many windows are worked on at a time at most; None: all that come together.
    threads
        How many windows :meth:`process_source` works on at a time, on a thread each.
    """

    core: int
    context: int
    grid: int
    min_core: int
    provenance: Provenance
    limited: bool = False
    max_batch: int | None = None
    threads: int = 1

    def windows(self, source: Source) -> Iterator[Window]:
        """Yield windows that cover ``source``."""
        return iter_windows(source, core=self.core, context=self.context, grid=self.grid)

    def process(
        self, items: Iterable[tuple[Key, Window]], work: Work[Key, Result]
    ) -> Iterator[tuple[Key, Window, Result]]:
        """Yield the result for each window, in order, or for the parts it had to be cut into.

        Where memory runs out, half as many windows are tried at a time, then windows half as
        long; the plan stays at what worked. No window is worked on again once it has a result.

        Raises
        ------
        BackendError
            There is no memory even for the shortest windows.
        """
        waiting = deque(items)
        while waiting:
            waiting = deque((key, part) for key, window in waiting for part in self._split(window))
            count = min(self.max_batch or len(waiting), len(waiting))
            batch = [waiting.popleft() for _ in range(count)]
            try:
                results = list(work(batch))
            except Exception as error:
                if not (self.limited and is_out_of_memory(error)):
                    raise
                self._shrink(batch, error)
                waiting.extendleft(reversed(batch))
            else:
                while batch:  # nothing is held here that the caller is done with
                    yield *batch.pop(0), results.pop(0)
                continue
            gc.collect()  # what the failed attempt left

    def process_source(
        self, source: Source, work: Callable[[Audio, int], Result], *, in_parallel: bool = False
    ) -> Iterator[tuple[Window, Result]]:
        """Yield the windows of ``source``, each with ``work(audio, start)`` of it, in order.

        If ``in_parallel``, as many windows as there are threads are in work at a time. One that
        there is no memory for is worked on again alone.
        """

        def work_on_batch(batch: list[tuple[None, Window]]) -> list[Result]:
            return [work(window.audio, window.start) for _, window in batch]

        def attempt(window: Window) -> tuple[Window, list[Result]]:
            if self._is_too_long(window):
                return window, []
            try:
                return window, [work(window.audio, window.start)]
            except Exception as error:
                if not (self.limited and is_out_of_memory(error)):
                    raise
                return window, []

        threads = self.threads if in_parallel else 1
        windows = self.windows(source)
        attempts: Iterable[tuple[Window, list[Result]]] = ((window, []) for window in windows)
        if threads > 1:
            attempts = map_in_order(attempt, windows, threads)
        for window, results in attempts:
            if results:
                yield window, results.pop()  # not held here
                continue
            for _, part, result in self.process([(None, window)], work_on_batch):
                yield part, result

    def _is_too_long(self, window: Window) -> bool:
        core: int = window.keep.stop - window.keep.start
        return core > self.core

    def _shrink(self, batch: list[Any], error: Exception) -> None:
        """Halve the batch or the windows, and warn.

        Raises
        ------
        BackendError
            Both are as small as they get.
        """
        rate = batch[0][1].audio.sample_rate
        longest = max(window.keep.stop - window.keep.start for _, window in batch)
        if len(batch) > 1:
            self.max_batch = len(batch) // 2
        elif longest > self.min_core:
            half = round_up(-(-min(longest, self.core) // 2), self.grid)
            self.core = max(self.min_core, min(half, self.core - self.grid))
            self.max_batch = 1
        else:
            raise BackendError(
                f"{self.provenance.backend} ran out of memory on a window of "
                f"{longest / rate:.1f} s, and shorter ones would be mostly context; free memory, "
                "or use another device",
                self.provenance,
            ) from error
        warnings.warn(
            f"{self.provenance.backend} ran out of memory; continuing with {self.max_batch} "
            f"window{'s' * (self.max_batch > 1)} of {self.core / rate:.1f} s at a time",
            AutoVoiceWarning,
            stacklevel=3,
        )

    def _split(self, window: Window) -> Iterator[Window]:
        """Yield windows with cores no longer than ``core`` that together are that of ``window``."""
        if not self._is_too_long(window):
            yield window
            return
        core, rate = window.core, window.audio.sample_rate
        before, samples = round_up(self.context, self.grid), window.samples
        for begin in range(core.start, core.stop, self.core):
            end = min(begin + self.core, core.stop)
            start = max(begin - before, window.start)
            stop = min(end + self.context, window.start + window.audio.frames)
            yield Window(
                audio=Audio(samples[:, start - window.start : stop - window.start], rate),
                start=start,
                keep=slice(begin - start, end - start),
                last=window.last and end == core.stop,
            )

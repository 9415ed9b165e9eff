"""How much of a sound is worked on at a time, and what happens where that is too much."""

from __future__ import annotations

import gc
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from attrs import define

from autovoice_core._errors import AutoVoiceWarning, BackendError
from autovoice_core._provenance import Provenance
from autovoice_core._types import Audio
from autovoice_core.audio.source import Source
from autovoice_core.audio.windows import Window, round_up, windows
from autovoice_core.memory.exhaustion import is_out_of_memory

Key = TypeVar("Key")
Result = TypeVar("Result")
Work = Callable[[list[tuple[Key, Window]]], Sequence[Result]]
"""Takes windows with what they belong to; returns a result for each."""


@define
class Portions:
    """Windows of one size, which gets less where memory runs out within a limit.

    Attributes
    ----------
    core, context, grid
        As for :func:`~autovoice_core.audio.windows.windows`; ``core`` is a multiple of ``grid``.
    least
        Frames of the shortest core that is worth its context.
    worker
        Who works on them.
    limited
        Whether there is a limit. Without one, want of memory is an error at once.
    at_once
        How many windows are worked on together at most; None: all that come together.
    """

    core: int
    context: int
    grid: int
    least: int
    worker: Provenance
    limited: bool = False
    at_once: int | None = None

    def windows(self, source: Source) -> Iterator[Window]:
        """Yield windows that cover a source."""
        return windows(source, core=self.core, context=self.context, grid=self.grid)

    def worked(
        self, items: Iterable[tuple[Key, Window]], work: Work[Key, Result]
    ) -> Iterator[tuple[Key, Window, Result]]:
        """Yield the result for each window, in order, or for the parts it had to be cut in.

        Where memory runs out, half as many windows are tried at once, then windows half as long;
        and so from then on. What was worked on before is not worked on again.

        Raises
        ------
        BackendError
            There is no memory even for the shortest windows.
        """
        waiting = deque(items)
        while waiting:
            waiting = deque((key, part) for key, window in waiting for part in self._cut(window))
            count = min(self.at_once or len(waiting), len(waiting))
            part = [waiting.popleft() for _ in range(count)]
            try:
                results = list(work(part))
            except Exception as error:
                if not (self.limited and is_out_of_memory(error)):
                    raise
                self._get_less(part, error)
                waiting.extendleft(reversed(part))
            else:
                while part:  # nothing is held here that the caller is done with
                    yield *part.pop(0), results.pop(0)
                continue
            gc.collect()  # what the failed attempt made

    def applied(
        self, source: Source, work: Callable[[Audio, int], Result]
    ) -> Iterator[tuple[Window, Result]]:
        """Yield the windows of a source and what ``work`` makes of their audio and start."""

        def one(part: list[tuple[None, Window]]) -> list[Result]:
            return [work(window.audio, window.start) for _, window in part]

        for window in self.windows(source):
            yield from ((each, result) for _, each, result in self.worked([(None, window)], one))

    def _get_less(self, part: list[Any], error: Exception) -> None:
        rate = part[0][1].audio.sample_rate
        longest = max(window.keep.stop - window.keep.start for _, window in part)
        if len(part) > 1:
            self.at_once = len(part) // 2
        elif longest > self.least:
            half = round_up(-(-min(longest, self.core) // 2), self.grid)
            self.core = max(self.least, min(half, self.core - self.grid))
            self.at_once = 1
        else:
            raise BackendError(
                f"{self.worker.backend} ran out of memory on a window of {longest / rate:.1f} s, "
                "and shorter ones are not worth their context; free memory, or use another device",
                self.worker,
            ) from error
        warnings.warn(
            f"{self.worker.backend} ran out of memory; it goes on with {self.at_once} "
            f"window{'s' * (self.at_once > 1)} of {self.core / rate:.1f} s at a time",
            AutoVoiceWarning,
            stacklevel=3,
        )

    def _cut(self, window: Window) -> Iterator[Window]:
        """Yield windows whose cores are no longer than ``core`` and make up that of ``window``."""
        if window.keep.stop - window.keep.start <= self.core:
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

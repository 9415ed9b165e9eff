"""``BatchProgress``: what a batch has done, what its workers do, and the time that is left."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from threading import Lock

from attrs import frozen

from autovoice_core.batch.work import Event, Outcome

_logger = logging.getLogger(__name__)
# Else Python prints errors that nobody logs, and a batch tells them in the end.
_logger.addHandler(logging.NullHandler())


@frozen
class BatchProgress:
    """A batch at work.

    Attributes
    ----------
    done, failed, total
        Numbers of songs: of those that were to be done, those done, failed, and all.
    fraction
        Of the work that is done, from 0 to 1, by the sizes of the songs.
    remaining_seconds
        An estimate of the time that is left; None until there is something to go by.
    at_work
        Stage and fraction done of each song at work, by its name.
    """

    done: int
    failed: int
    total: int
    fraction: float
    remaining_seconds: float | None
    at_work: Mapping[str, tuple[str, float]]


class Progress:
    """Follows jobs, tells of the whole, and logs the start and the end of each.

    Parameters
    ----------
    names, sizes
        Of the songs, by the number of their job: the time that one takes is reckoned to grow with
        its bytes, from a tenth of the mean upwards.
    tell
        Called with the progress.
    """

    def __init__(
        self, names: list[str], sizes: list[int], tell: Callable[[BatchProgress], None] | None
    ) -> None:
        least = max(1, sum(sizes) // max(1, len(sizes)) // 10)
        self._names, self._tell = names, tell
        self._weights = [max(size, least) for size in sizes]
        self._at_work: dict[int, tuple[str, float]] = {}
        self._done = self._failed = 0
        self._ended_weight = 0
        self._began: float | None = None
        self._lock = Lock()

    def event(self, event: Event) -> None:
        """Take what a worker tells."""
        with self._lock:
            self._began = time.monotonic() if self._began is None else self._began
            is_begun = event.number in self._at_work
            self._at_work[event.number] = event.stage, event.fraction
        if not is_begun:
            _logger.info("%s: begun", self._names[event.number])
        self.tell()

    def ended(self, outcome: Outcome) -> None:
        """Take the end of a job."""
        with self._lock:
            self._at_work.pop(outcome.number, None)
            self._ended_weight += self._weights[outcome.number]
            self._done += outcome.error is None
            self._failed += outcome.error is not None
        name, worker = self._names[outcome.number], outcome.worker or "its worker"
        for text in outcome.warnings:
            _logger.warning("%s: %s", name, text)
        if outcome.error is None:
            made_by = ", ".join(outcome.made_by)
            _logger.info("%s: done in %.1f s by %s on %s", name, outcome.seconds, made_by, worker)
        else:
            _logger.error("%s: failed after %.1f s: %s", name, outcome.seconds, outcome.error)
        self.tell()

    def tell(self) -> None:
        """Tell of the whole."""
        if self._tell is None:
            return
        with self._lock:
            work = self._ended_weight + sum(
                self._weights[number] * fraction for number, (_, fraction) in self._at_work.items()
            )
            total = sum(self._weights)
            remaining = None
            if self._began is not None and self._done + self._failed > 0:
                elapsed = time.monotonic() - self._began
                remaining = elapsed / work * (total - work)
            progress = BatchProgress(
                done=self._done,
                failed=self._failed,
                total=len(self._names),
                fraction=work / total if total else 1.0,
                remaining_seconds=remaining,
                at_work={self._names[number]: state for number, state in self._at_work.items()},
            )
            self._tell(progress)  # one at a time, in order

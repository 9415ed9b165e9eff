"""Stages of a long job: the time that each takes, and the progress of the whole."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from autovoice_core._arguments import as_progress
from autovoice_core._types import Progress

_logger = logging.getLogger(__name__)

StageProgress = Callable[[str, float], None]
"""Called with the current stage and the fraction of the whole that is done, 0 to 1."""


class Stages:
    """Times the stages of a job and turns their progress into that of the whole.

    Parameters
    ----------
    shares
        Relative duration of each stage.
    progress
        Called with the progress of the whole.

    Attributes
    ----------
    seconds
        Duration of each stage that is done.
    """

    def __init__(self, shares: Mapping[str, float], progress: StageProgress | None) -> None:
        self._shares = {name: share / sum(shares.values()) for name, share in shares.items()}
        self._progress = as_progress(progress)
        self._done = 0.0
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[Progress]:
        """Yield a function to call with the fraction of the stage that is done."""
        _logger.info("%s: started", name)
        began = time.perf_counter()
        share, before = self._shares[name], self._done

        def report(fraction: float) -> None:
            self._progress(name, before + share * fraction)

        report(0.0)
        yield report
        report(1.0)
        self._done = before + share
        self.seconds[name] = time.perf_counter() - began
        _logger.info("%s: done in %.2f s", name, self.seconds[name])

"""Engines: the workers of a batch, on this machine or on others."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import ClassVar, Protocol

from autovoice_core.batch.work import Event, Job, Outcome, Setup


class BatchEngine(Protocol):
    """Workers that do jobs; the whole of what another cluster has to bring.

    Each worker is a :class:`~autovoice_core.batch.worker.BatchWorker`, wherever it runs.
    """

    shares_machine: ClassVar[bool]
    """Whether the workers share the cores and the memory of this machine."""

    def run(
        self,
        setup: Setup,
        jobs: Sequence[Job],
        workers: int | None,
        tell: Callable[[Event], None],
    ) -> Generator[Outcome, None, None]:
        """Yield the outcome of each job as it ends, one for every job.

        A job whose worker is lost is done again by another, so its results must be whole files
        that replace those of before. When the iterator is closed, the workers are ended.

        Parameters
        ----------
        setup
            What each worker needs once; its threads and memory are those of one worker.
        jobs
            The jobs, in the order in which they are to be begun.
        workers
            How many there are to be; None: as many as there is room for.
        tell
            Called with the progress of jobs, from any thread.
        """
        ...

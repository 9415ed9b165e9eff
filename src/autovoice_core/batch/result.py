"""Options of every batch, and its result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

from attrs import frozen

from autovoice_core.backends.need import Need
from autovoice_core.batch.engines import BatchEngine
from autovoice_core.batch.manifest import Record
from autovoice_core.batch.plan import Planned
from autovoice_core.batch.progress import BatchProgress
from autovoice_core.memory.limit import Amount


class BatchOptions(TypedDict, total=False):
    """Options of every batch.

    Attributes
    ----------
    workers
        How many work at once; by default one for each core, as far as memory goes, or one on a
        GPU, or as many as a cluster has room for.
    engine
        The workers; by default processes of this machine. See :mod:`autovoice_core.batch.engines`.
    retry
        Whether songs that failed before are tried again, though nothing has changed.
    dry_run
        Whether it is only told what would be done.
    need
        Requirements on the backends, which each worker chooses for its own machine.
    memory_limit
        What all workers of this machine may hold together, each the same share; on a cluster,
        what each may hold.
    threads
        Threads of all workers of this machine together; by default one per core. On a cluster,
        those of each; by default one.
    overwrite
        Whether files that exist are replaced; else their songs fail.
    progress
        Called with a :class:`~autovoice_core.batch.progress.BatchProgress`, from any thread but
        from one at a time.
    ended
        Called with the record of each song as it ends.
    """

    workers: int | None
    engine: BatchEngine | None
    retry: bool
    dry_run: bool
    need: Need | None
    memory_limit: Amount | None
    threads: int | None
    overwrite: bool
    progress: Callable[[BatchProgress], None] | None
    ended: Callable[[Record], None] | None


@frozen(repr=False)
class BatchResult:
    """The result of a batch.

    Attributes
    ----------
    plan
        Each song, and what there was to do with it.
    records
        The songs that were done or failed in this run, in the order of their ends.
    failed
        Why songs failed, in this run or in one before, by name.
    recorded
        The last record of each song that was ever done in this folder, by name.
    seconds
        How long it took.
    """

    plan: tuple[Planned, ...]
    records: tuple[Record, ...]
    failed: Mapping[str, str]
    recorded: Mapping[str, Record]
    seconds: float

    def __repr__(self) -> str:
        done = sum(record.error is None for record in self.records)
        return f"BatchResult({len(self.plan)} songs, {done} done now, {len(self.failed)} failed)"

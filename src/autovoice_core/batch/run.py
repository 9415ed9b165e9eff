"""A batch: songs that are not done yet go to workers, and each end is recorded."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from attrs import evolve

from autovoice_core._arguments import (
    PathLike,
    as_flag,
    as_path,
    as_whole_number,
    describe,
    plain_number,
)
from autovoice_core._causes import is_disk_full
from autovoice_core._errors import ArgumentError, AutoVoiceError, InputError
from autovoice_core._threads import thread_count
from autovoice_core.audio.atomic import atomic_file, make_folder
from autovoice_core.audio.output_format import written_suffix
from autovoice_core.audio.temporary import remove_abandoned_parts
from autovoice_core.backends.choice.given_settings import settings_for
from autovoice_core.backends.choice.named_backends import find_named
from autovoice_core.backends.need import Need, as_need
from autovoice_core.backends.offer import SONG_OPERATIONS, Operation
from autovoice_core.batch.engines import BatchEngine
from autovoice_core.batch.engines.local import LocalEngine
from autovoice_core.batch.failures import REFUSALS
from autovoice_core.batch.manifest import Manifest, Record
from autovoice_core.batch.plan import FAILED, TO_DO, Planned, plan_songs
from autovoice_core.batch.progress import BatchProgress, Progress
from autovoice_core.batch.result import BatchResult
from autovoice_core.batch.songs import Song, absolute, find_songs
from autovoice_core.batch.voices import BatchVoices
from autovoice_core.batch.work import Job, Outcome, Settings, Setup, Task
from autovoice_core.batch.worker import need_as_values
from autovoice_core.memory.limit import Amount, MemoryLimit
from autovoice_core.memory.usage import memory_of_machine
from autovoice_core.voices.profile import VoiceProfile

OPERATIONS_OF: Mapping[Task, tuple[Operation, ...]] = {
    "convert": SONG_OPERATIONS,
    "separate": ("separation",),
    "pitch": ("pitch",),
}
"""The operations of each task."""

WORKER_BYTES = 1.2e9
"""Memory for which one more worker is started, where no number is given."""


def run_batch(
    task: Task,
    songs: PathLike | Iterable[PathLike],
    out: PathLike,
    options: Mapping[str, Any],
    voice_of: Callable[[Song], VoiceProfile | None],
    check: Callable[[Need], None],
    *,
    workers: int | None = None,
    engine: BatchEngine | None = None,
    retry: bool = False,
    dry_run: bool = False,
    need: Need | None = None,
    memory_limit: Amount | None = None,
    threads: int | None = None,
    overwrite: bool = True,
    progress: Callable[[BatchProgress], None] | None = None,
    ended: Callable[[Record], None] | None = None,
) -> BatchResult:
    """Do ``task`` with each of ``songs`` that is not done yet, and write to the folder ``out``.

    Parameters
    ----------
    options
        Keyword arguments of the task, with the style of songs that have none, and ``suffix``.
    voice_of
        Called with each song for its voice.
    check
        Called with the need, to refuse what no worker of this machine could do.

    See :class:`~autovoice_core.batch.result.BatchOptions` for the others.
    """
    began = time.monotonic()
    folder, need = absolute(as_path("out", out)), as_need(need)
    if workers is not None:
        workers = as_whole_number("workers", workers, unit="workers", example="2")
        if workers < 1:
            raise ArgumentError(f"workers: {describe(workers)} is less than 1; give 1 or more")
    chosen: BatchEngine = LocalEngine() if engine is None else engine
    if not hasattr(chosen, "shares_machine"):
        raise ArgumentError(
            f"engine: {describe(engine)} is no BatchEngine; omit it, or give RayEngine()"
        )
    if folder.exists() and not folder.is_dir():
        raise ArgumentError(f"out: {folder} is a file; give the name of a folder")
    as_flag("retry", retry), as_flag("overwrite", overwrite), as_flag("dry_run", dry_run)
    found = find_songs(songs, folder)
    voices = BatchVoices(voice_of)
    backends: dict[str, str] = {
        op: named.name for op in OPERATIONS_OF[task] if (named := find_named(op, None)) is not None
    }
    settings = {
        f"{op}.{name}": plain_number(given.value)
        for op in OPERATIONS_OF[task]
        for name, given in settings_for(op, {}).items()
    }

    def settings_of(song: Song) -> Settings:
        own = {**options, **song.style} if task == "convert" else dict(options)
        if task == "convert" and own["suffix"] == written_suffix(song.name):
            own["suffix"] = None  # no other format than by default
        return Settings(task, own, voices.digest(song), backends, settings)

    manifest = Manifest(folder)

    def planned() -> list[Planned]:
        return plan_songs(found, settings_of, manifest.records, folder, retry=retry)

    plan, known = planned(), manifest.records
    records: list[Record] = []
    if _to_do(plan) and chosen.shares_machine:
        check(need)
    if _to_do(plan) and not dry_run:
        limit = MemoryLimit.from_argument(memory_limit)
        cores = thread_count(threads) if chosen.shares_machine or threads is not None else 1
        with manifest.locked():
            if manifest.records != known:  # another batch has ended since
                plan = planned()
            to_do = _to_do(plan)
            share = 1
            if chosen.shares_machine:
                share = workers = min(len(to_do), workers or _default_workers(need, threads)) or 1
            setup = Setup(
                voices=voices.contents,
                need=need_as_values(need),
                memory_limit=None if limit is None else limit.shared_by(share),
                threads=max(1, cores // share),
                overwrite=overwrite,
            )
            work = partial(chosen.run, setup, workers=workers)
            for record in _ends(work, to_do, manifest, progress, overwrite=overwrite):
                records.append(record)
                if ended is not None:
                    ended(record)
    failed = {each.song.name: each.error for each in plan if each.state in FAILED and each.error}
    failed |= {record.song: record.error for record in records if record.error is not None}
    seconds = time.monotonic() - began
    return BatchResult(tuple(plan), tuple(records), failed, manifest.records, seconds)


def _to_do(plan: list[Planned]) -> list[Planned]:
    return [each for each in plan if each.state in TO_DO]


def _ends(
    work: Callable[..., Generator[Outcome, None, None]],
    to_do: list[Planned],
    manifest: Manifest,
    progress: Callable[[BatchProgress], None] | None,
    *,
    overwrite: bool,
) -> Iterator[Record]:
    """Have songs done; yield the record of each as it ends, once the manifest has it.

    Raises
    ------
    AutoVoiceError
        All songs have the same settings, and the first finds that no song can be done with them;
        or the disk is full.
    """
    if not to_do:
        return
    folder = manifest.path.parent
    jobs = [
        Job(number, each.song.name, str(each.song.path), str(folder), each.settings)
        for number, each in enumerate(to_do)
    ]
    follow = Progress([job.name for job in jobs], [each.size for each in to_do], progress)
    may_refuse = len({each.settings.digest for each in to_do}) == 1
    remove_abandoned_parts(folder)
    try:
        with closing(work(jobs=jobs, tell=follow.event)) as outcomes:
            for sent in outcomes:
                if sent.refusal and may_refuse:
                    kinds = {kind.__name__: kind for kind in REFUSALS}
                    raise kinds[sent.refusal](sent.error)
                outcome = _kept(sent, folder, overwrite=overwrite)
                if outcome.is_full:
                    raise InputError(
                        f"{outcome.error}; once there is space, the same command does the rest"
                    )
                may_refuse = may_refuse and outcome.error is not None
                record = _record(to_do[outcome.number], outcome)
                manifest.add(record)
                follow.ended(outcome)
                yield record
    finally:
        remove_abandoned_parts(folder)  # those of workers that were lost or ended


def _default_workers(need: Need, threads: int | None) -> int:
    """Return one worker for each thread of the CPU that memory allows for; on a GPU, one.

    A GPU would be shared by all of them.
    """
    if need.devices != ("cpu",):
        return 1
    return max(1, int(min(thread_count(threads), memory_of_machine() / WORKER_BYTES)))


def _record(planned: Planned, outcome: Outcome) -> Record:
    return Record(
        song=planned.song.name,
        path=str(planned.song.path),
        size=planned.size,
        mtime_ns=planned.mtime_ns,
        input=outcome.input,
        settings=planned.settings.digest,
        outputs=outcome.outputs,
        error=outcome.error,
        passing=outcome.passing,
        made_by=outcome.made_by,
        warnings=outcome.warnings,
        seconds=outcome.seconds,
        worker=outcome.worker,
        finished=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )


def _kept(outcome: Outcome, folder: Path, *, overwrite: bool) -> Outcome:
    """Write the results that a worker sent back; that they can't be costs this song alone."""
    try:
        for name, content in (outcome.contents or {}).items():
            path = folder / name
            make_folder(path.parent)
            with atomic_file(path, overwrite=overwrite) as temporary:
                temporary.write_bytes(content)
    except AutoVoiceError as error:
        full = is_disk_full(error)
        return evolve(outcome, outputs={}, error=str(error), passing=True, is_full=full)
    return outcome

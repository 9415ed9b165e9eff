"""``BatchWorker``: does one job after the other, with the backends that it has opened."""

from __future__ import annotations

import atexit
import os
import platform
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from contextvars import Context, copy_context
from pathlib import Path
from typing import Any

from attrs import asdict

from autovoice_core._causes import is_disk_full
from autovoice_core._engine import backends_kept_open
from autovoice_core._errors import AutoVoiceError, InputError, NoBackend
from autovoice_core._regular_files import digest_of_file
from autovoice_core._worker_process import warnings_to
from autovoice_core.audio.atomic import check_output, make_folder
from autovoice_core.backends.choice.given_settings import by_operation, using_settings
from autovoice_core.backends.choice.named_backends import NamedBackend, using_named
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Quality
from autovoice_core.batch.failures import PlaceError, may_pass, refusal_of
from autovoice_core.batch.results import perform, result_names
from autovoice_core.batch.work import Event, Job, Outcome, Settings, Setup
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.serialization import loads

MIN_PROGRESS_SECONDS = 0.25
"""Time between two events of one stage."""

Tell = Callable[[Event], None]


def need_as_values(need: Need) -> dict[str, Any]:
    """Return the attributes of ``need`` as plain values."""
    quality = need.min_quality
    return {**asdict(need), "min_quality": None if quality is None else quality.name}


def _need_of(values: Mapping[str, Any]) -> Need:
    # JSON has lists where a need has tuples.
    fields: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
    quality = fields.pop("min_quality")
    return Need(**fields, min_quality=None if quality is None else Quality[quality])


class BatchWorker:
    """Does jobs; what it opens for one stays open for the next.

    Parameters
    ----------
    setup
        All that it needs once.
    """

    def __init__(self, setup: Setup) -> None:
        self._setup, self._need = setup, _need_of(setup.need)
        self._voices: dict[str, VoiceProfile] = {}
        self._name = f"{platform.node()}:{os.getpid()}"
        self._stack = ExitStack()
        self._stack.enter_context(backends_kept_open())

    def ready(self) -> str:
        """Return the machine and process, once there is one."""
        return self._name

    def close(self) -> None:
        """Let go of the backends; for a worker whose process goes on."""
        self._stack.close()

    def do(self, job: Job, tell: Tell | None = None) -> Outcome:
        """Do a job; whatever fails, the outcome says so."""
        began = time.monotonic()
        warned: list[str] = []
        content: str | None = None
        result: dict[str, Any]
        song, out = Path(job.path), Path(job.out)

        def said(text: str) -> str:
            """Return what a user is told, with the names that the files have there."""
            return text.replace(str(song), job.path).replace(str(out), job.out)

        try:
            with warnings_to(warned.append), ExitStack() as stack:
                if job.content is not None:
                    folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
                    out, song = folder / "out", folder / "in" / song.name
                    song.parent.mkdir()
                    song.write_bytes(job.content)
                content = _digest(song)
                result = self._results(job, song, out, _limited(job.number, tell))
        except Exception as error:  # noqa: BLE001  # it costs this song alone
            result = {
                "error": said(_sentence(error)),
                "passing": may_pass(error),
                "refusal": refusal_of(error),
                "is_full": is_disk_full(error),
            }
        return Outcome(
            number=job.number,
            input=content,
            warnings=map(said, warned),
            seconds=round(time.monotonic() - began, 2),
            worker=self._name,
            **result,
        )

    def _results(
        self, job: Job, song: Path, out: Path, progress: Callable[[str, float], None]
    ) -> dict[str, Any]:
        """Write the results of a song below ``out``; return what the outcome says of them."""
        settings = job.settings
        names = result_names(settings, job.name)
        files = tuple(out / name for name in names)
        _prepare(files, overwrite=self._setup.overwrite)
        with using_named(_named(settings)), using_settings(_given(settings)):
            made_by = perform(
                settings,
                song,
                files,
                voice=None if settings.voice is None else self._voice(settings.voice),
                need=self._need,
                memory_limit=self._setup.memory_limit,
                threads=self._setup.threads,
                overwrite=self._setup.overwrite,
                progress=progress,
            )
        sizes = {name: file.stat().st_size for name, file in zip(names, files, strict=True)}
        found: dict[str, Any] = {"outputs": sizes, "made_by": made_by}
        if job.content is not None:
            found["contents"] = {n: f.read_bytes() for n, f in zip(names, files, strict=True)}
            shutil.rmtree(out)
        return found

    def _voice(self, digest: str) -> VoiceProfile:
        """Return a voice, read once."""
        if digest not in self._voices:
            self._voices[digest] = loads(self._setup.voices[digest], "the voice")
        return self._voices[digest]


_kept: list[tuple[Setup, Context, BatchWorker]] = []
"""The worker of this process and its context, once :func:`do_job` has made one."""


def do_job(setup: Setup, job: Job) -> Outcome:
    """Do a job with the worker of this process, which is kept for the next job of that setup.

    For executors that send functions to processes of one thread, and don't know of workers.
    """
    if _kept and _kept[0][0] != setup:
        _let_go()
    if not _kept:
        # Executors may run each function in a context of its own, where no backend was opened.
        context = copy_context()
        _kept.append((setup, context, context.run(BatchWorker, setup)))
    _, context, worker = _kept[0]
    return context.run(worker.do, job)


@atexit.register
def _let_go() -> None:
    while _kept:
        _, context, worker = _kept.pop()
        context.run(worker.close)


def _prepare(files: tuple[Path, ...], *, overwrite: bool) -> None:
    """Make the folders of results, and refuse places that can't be written.

    Raises
    ------
    PlaceError
        One of them can't.
    """
    try:
        for file in files:
            make_folder(file.parent)
            check_output(file, overwrite=overwrite)
    except InputError as error:
        raise PlaceError(str(error)) from error


def _named(settings: Settings) -> dict[Any, NamedBackend]:
    return {op: NamedBackend(name, "the batch") for op, name in settings.backends.items()}


def _given(settings: Settings) -> Any:
    return by_operation(settings.settings, "the batch")


def _digest(song: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    InputError
        It can't be read.
    """
    try:
        return digest_of_file(song)
    except OSError as error:
        raise InputError(
            f"{song}: can't be read ({error.strerror}); check the path and its permissions"
        ) from error


def _limited(number: int, tell: Tell | None) -> Callable[[str, float], None]:
    """Return a function that tells of a job's progress a few times a second."""
    last: tuple[str, float] = "", 0.0

    def progress(stage: str, fraction: float) -> None:
        nonlocal last
        now = time.monotonic()
        if tell is not None and (stage != last[0] or now - last[1] >= MIN_PROGRESS_SECONDS):
            last = stage, now
            tell(Event(number, stage, round(fraction, 4)))

    return progress


def _sentence(error: BaseException) -> str:
    """Return what is told of an error, in a line."""
    if isinstance(error, NoBackend):
        return error.summary
    if isinstance(error, AutoVoiceError):
        return str(error)
    if isinstance(error, MemoryError):
        return "memory ran out; use fewer workers, or set a memory limit"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the disk'}: {error.strerror}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{Path(place.filename).name}:{place.lineno}"
    return f"an unexpected {type(error).__name__} ({where}: {error}); please report it"

"""Records that drivers and workers of a batch exchange: plain values, that JSON can hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from attrs import asdict, field, frozen

from autovoice_core.memory.limit import MemoryLimit

Task = Literal["convert", "separate", "pitch"]
"""An operation on each song."""

TASKS: tuple[Task, ...] = ("convert", "separate", "pitch")
"""Every :data:`Task`."""


def texts(values: Iterable[str]) -> tuple[str, ...]:
    """Return texts as a tuple, where JSON has a list."""
    return tuple(values)


@frozen
class Settings:
    """All that a result depends on but for the song; a change of it does the song again.

    Attributes
    ----------
    task
        The operation.
    options
        Its keyword arguments, and ``suffix``, the format of the results.
    voice
        Digest of the voice, or None.
    backends, settings
        Backends by operation and settings by ``operation.name``, as a caller named them.
    """

    task: Task
    options: Mapping[str, Any]
    voice: str | None
    backends: Mapping[str, str]
    settings: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of these."""
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@frozen
class Setup:
    """All that a worker needs once.

    Attributes
    ----------
    voices
        Voices as files hold them, by their digest.
    need
        Attributes of a :class:`~autovoice_core.Need`, by name.
    memory_limit
        Its share of what workers may hold, or None.
    threads
        Threads of a worker.
    overwrite
        Whether files that exist are replaced.
    """

    voices: Mapping[str, bytes]
    need: Mapping[str, Any]
    memory_limit: MemoryLimit | None
    threads: int
    overwrite: bool


@frozen
class Job:
    """One song for a worker.

    Attributes
    ----------
    number
        Its place among the jobs, from 0.
    name, path
        The song, by its place below the folder of results and as a file.
    out
        Folder of results.
    settings
        All else that the result depends on.
    content
        Bytes of the song where they are sent along; the results are sent back then.
    """

    number: int
    name: str
    path: str
    out: str
    settings: Settings
    content: bytes | None = field(default=None, repr=False)


@frozen
class Outcome:
    """The end of a job.

    Attributes
    ----------
    number
        That of the job.
    input
        SHA-256 of the song, None if it can't be read.
    outputs
        Sizes of the files that were written, by their place below the folder of results.
    error
        A sentence; None where all went well.
    passing
        Whether the error may be gone at the next try, as it is none of the song's own.
    refusal
        Name of the class of an error that songs of the same settings would all meet; or empty.
    is_full
        Whether the disk had no space left, which all other songs would meet too.
    made_by
        The backends, as texts.
    warnings
        Sentences.
    seconds
        Time that it took.
    worker
        Machine and process.
    contents
        Bytes of the files where they are sent back.
    """

    number: int
    input: str | None = None
    outputs: Mapping[str, int] = field(factory=dict)
    error: str | None = None
    passing: bool = False
    refusal: str = ""
    is_full: bool = False
    made_by: tuple[str, ...] = field(default=(), converter=texts)
    warnings: tuple[str, ...] = field(default=(), converter=texts)
    seconds: float = 0.0
    worker: str = ""
    contents: Mapping[str, bytes] | None = field(default=None, repr=False)


@frozen
class Event:
    """A worker at work: the stage and the fraction of a job that is done."""

    number: int
    stage: str
    fraction: float

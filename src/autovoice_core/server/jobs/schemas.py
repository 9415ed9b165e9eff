"""Bodies of requests and answers about uploads and jobs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from autovoice_core._style import MAX_FORMANT, MAX_KEY, MAX_SEED, MAX_VIBRATO
from autovoice_core.backends.fields import DEVICE

ID_PATTERN = "^[A-Za-z0-9_-]{8,64}$"
"""Form of the ids of uploads, which clients choose, and of jobs, which the server does."""

JobKind = Literal["convert", "separate", "pitch", "enrol"]
JobState = Literal["queued", "running", "done", "failed", "cancelled"]
Operation = Literal["separation", "pitch", "conversion"]
Id = Annotated[str, Meta(pattern=ID_PATTERN)]

FINISHED: tuple[JobState, ...] = ("done", "failed", "cancelled")
"""States that a job ends in."""


class JobSource(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The sound that a job works on: an upload, or an output of an earlier job."""

    upload: Id | None = None
    job: Id | None = None
    output: str | None = None


class JobOptions(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Options of a job; those not given are the voice's, or the library's defaults.

    ``key`` to ``seed`` are those of :class:`~autovoice_core.Style`, for conversions only, as are
    ``vocals_only`` (the source is a voice alone) and ``report``. ``separate`` has a pitch job
    separate the song first. ``backends`` names one for an operation, ``settings`` are theirs by
    ``operation.name``, and ``device`` is where they run: ``auto`` tries every device found, fastest
    first.
    """

    key: (
        Annotated[float, Meta(ge=-MAX_KEY, le=MAX_KEY)] | Literal["auto", "auto-semitone"] | None
    ) = None
    formant: Annotated[float, Meta(ge=-MAX_FORMANT, le=MAX_FORMANT)] | None = None
    strength: Annotated[float, Meta(ge=0, le=1)] | None = None
    breath: Literal["keep", "soften", "remove"] | None = None
    vibrato: Annotated[float, Meta(ge=0, le=MAX_VIBRATO)] | None = None
    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] | None = None
    vocals_only: bool = False
    report: bool = False
    separate: bool = False
    backends: dict[Operation, str] = {}
    settings: dict[str, bool | int | float | str] = {}
    device: Annotated[str, Meta(pattern=f"^{DEVICE.pattern}$")] = "cpu"


class JobRequest(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A job to do: a song converted to a voice or separated, or a pitch tracked."""

    kind: Literal["convert", "separate", "pitch"]
    source: JobSource
    voice: str | None = None
    options: JobOptions = JobOptions()

    @property
    def sources(self) -> list[JobSource]:
        """What the job works on: one sound."""
        return [self.source]


class EnrolRequest(Struct, frozen=True, forbid_unknown_fields=True):
    """A voice to make from uploads of it alone; ``consent`` says who agreed to what."""

    name: str
    uploads: Annotated[list[Id], Meta(min_length=1, max_length=200)]
    consent: str = ""
    kind: Literal["enrol"] = "enrol"

    @property
    def voice(self) -> str:
        """The name of the new voice."""
        return self.name

    @property
    def sources(self) -> list[JobSource]:
        """What the job works on: the uploads."""
        return [JobSource(upload=upload) for upload in self.uploads]


class BackendUse(Struct, frozen=True):
    """The backend that serves an operation of a job, and why it was chosen."""

    operation: Operation
    backend: str
    device: str
    why: str


class JobOutput(Struct, frozen=True):
    """A file that a job has made."""

    name: str
    media_type: str
    bytes: int


class JobError(Struct, frozen=True):
    """The cause of a failure: a word for programs, and a sentence for people."""

    code: str
    message: str


class Job(Struct, frozen=True):
    """A job, as it stands. Dates are ISO 8601, UTC; ``progress`` is the fraction done, 0 to 1."""

    id: str
    kind: JobKind
    state: JobState
    created: str
    started: str | None = None
    finished: str | None = None
    progress: float = 0.0
    stage: str | None = None
    position_in_queue: int | None = None
    source: JobSource | None = None
    voice: str | None = None
    backends: list[BackendUse] = []
    outputs: list[JobOutput] = []
    error: JobError | None = None
    summary: dict[str, Any] = {}


class JobList(Struct, frozen=True):
    """All jobs, oldest first."""

    jobs: list[Job]


class Upload(Struct, frozen=True):
    """A sound that was sent: its size, and what is in it."""

    id: str
    bytes: int
    seconds: float
    sample_rate: int
    channels: int
    media_type: str
    created: str


class UploadList(Struct, frozen=True):
    """All uploads, oldest first."""

    uploads: list[Upload]

"""Tasks on what clients send: sounds and voices, decoded within limits before they are taken."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autovoice_core.audio.formats.kinds import HEAD_BYTES, media_kind
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.source import BLOCK_FRAMES
from autovoice_core.server.jobs.failures import TaskError
from autovoice_core.voices.storage import VoiceProfileStorage

if TYPE_CHECKING:
    from autovoice_core.server.jobs.worker import Report, Task

MAX_ADDRESS_SPACE = 8 << 30
"""Memory that decoding may ask for, bytes."""
BYTES_PER_SAMPLE = 4
MEDIA_TYPES = {
    "FLAC": "audio/flac",
    "WAV": "audio/wav",
    "WAVEX": "audio/wav",
    "RF64": "audio/wav",
    "OGG": "audio/ogg",
    "MPEG": "audio/mpeg",
    "MP3": "audio/mpeg",
    "AIFF": "audio/aiff",
}
"""Media types of libsndfile's formats."""
MEDIA_TYPES_OF_KINDS = {
    "MP4 or M4A": "audio/mp4",
    "Matroska or WebM": "audio/webm",
    "AAC": "audio/aac",
}
"""Media types of what is read through ffmpeg."""


def warm_up() -> None:
    """Do nothing: what is needed is imported."""


def inspect(task: Task, report: Report) -> dict[str, Any]:
    """Return what is in the sound file ``name``, once all of it has been decoded.

    Raises
    ------
    TaskError
        ``too_long``: it exceeds ``max_seconds`` or ``max_bytes``, decoded.
    InputError
        It can't be read.
    """
    _limit_resources(task["max_bytes"])
    file = AudioFile(Path(task["name"]))
    seconds = file.frames / file.sample_rate
    if seconds > task["max_seconds"]:
        raise TaskError(
            "too_long",
            f"{file.name}: lasts {seconds:.0f} s, longer than the {task['max_seconds']:g} s "
            "allowed; send a part of it",
        )
    if file.frames * file.channels * BYTES_PER_SAMPLE > task["max_bytes"]:
        raise TaskError(
            "too_long",
            f"{file.name}: is larger, decoded, than the {task['max_bytes']} bytes allowed; "
            "send a part of it, fewer channels or a lower rate",
        )
    for _ in file.blocks(BLOCK_FRAMES):
        pass
    return {
        "seconds": round(seconds, 3),
        "sample_rate": file.sample_rate,
        "channels": file.channels,
        "media_type": _media_type(file),
    }


def import_voice(task: Task, report: Report) -> dict[str, Any]:
    """Keep the exported voice in the file ``name`` as ``voice`` in the database ``db``.

    Raises
    ------
    StorageError
        It is no voice, is damaged or from a newer version, or the name is taken.
    """
    _limit_resources(task["max_bytes"])
    VoiceProfileStorage(task["db"]).import_(task["name"], name=task["voice"])
    return {}


def _media_type(file: AudioFile) -> str:
    """Return the media type that a browser plays the file by."""
    with file.path.open("rb") as stream:
        kind = media_kind(stream.read(HEAD_BYTES))
    known = MEDIA_TYPES.get(file.format) or MEDIA_TYPES_OF_KINDS.get(kind or "")
    return known or "application/octet-stream"


def _limit_resources(file_bytes: int) -> None:
    """Bound the files that this process and ffmpeg may write, and its memory."""
    if sys.platform == "win32":
        return
    import resource

    for what, most in (
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_AS, MAX_ADDRESS_SPACE),
    ):
        with suppress(ValueError, OSError):
            hard = resource.getrlimit(what)[1]
            soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (soft, hard))


TASKS = {"inspect": inspect, "import_voice": import_voice}
"""The tasks by name."""

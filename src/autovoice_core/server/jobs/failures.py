"""``TaskError``, and the words in which a task's failure is told: a code, and a sentence."""

from __future__ import annotations

import errno

from autovoice_core._causes import causes, is_disk_full
from autovoice_core._errors import (
    AutoVoiceError,
    InputError,
    ModelError,
    NoBackend,
    SelectionError,
    StorageError,
)

_CODES: tuple[tuple[type[AutoVoiceError], str], ...] = (
    (NoBackend, "no_backend"),
    (InputError, "invalid"),
    (SelectionError, "invalid"),
    (StorageError, "voices"),
    (ModelError, "model"),
    (AutoVoiceError, "failed"),
)


class TaskError(Exception):
    """A task has failed; ``code`` is a word for programs, ``message`` a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def failure(error: BaseException) -> tuple[str, str]:
    """Return the code and the message of an exception."""
    if isinstance(error, TaskError):
        return error.code, error.message
    if is_disk_full(error, contexts=True):
        return "disk_full", "the disk of the server is full; free some space and try again"
    found = causes(error, contexts=True)
    if any(isinstance(each, OSError) and each.errno == errno.EFBIG for each in found):
        return "too_long", "the sound is larger, decoded, than is allowed; send a part of it"
    if isinstance(error, MemoryError):
        return "memory", "the server has too little memory for this; try a shorter sound"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, error.summary if isinstance(error, NoBackend) else str(error)
    return "failed", f"an unexpected {type(error).__name__}; the server's log tells more"

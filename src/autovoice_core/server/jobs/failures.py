"""``TaskError``, and the words in which a task's failure is told: a code, and a sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from autovoice_core._errors import (
    AutoVoiceError,
    InputError,
    ModelError,
    NoBackend,
    SelectionError,
    StorageError,
)

_FULL = (errno.ENOSPC, errno.EDQUOT)
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
    if any(isinstance(each, OSError) and each.errno in _FULL for each in _chain(error)):
        return "disk_full", "the disk of the server is full; free some space and try again"
    if any(isinstance(each, OSError) and each.errno == errno.EFBIG for each in _chain(error)):
        return "too_long", "the sound is larger, decoded, than is allowed; send a part of it"
    if isinstance(error, MemoryError):
        return "memory", "the server has too little memory for this; try a shorter sound"
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code, error.summary if isinstance(error, NoBackend) else str(error)
    return "failed", f"an unexpected {type(error).__name__}; the server's log tells more"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and what caused it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__

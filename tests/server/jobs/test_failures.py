from __future__ import annotations

import errno

import pytest

from autovoice_core import BackendError, InputError, ModelError, NoBackend, StorageError
from autovoice_core.server.jobs.failures import TaskError, failure


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (TaskError("timeout", "too slow"), "timeout", "too slow"),
        (InputError("song: no singing found"), "invalid", "song: no singing found"),
        (NoBackend("every reason", "the first reason"), "no_backend", "the first reason"),
        (StorageError("unknown voice"), "voices", "unknown voice"),
        (ModelError("no weights"), "model", "no weights"),
        (BackendError("failed inside"), "failed", "failed inside"),
        (
            KeyError("secret"),
            "failed",
            "an unexpected KeyError; the server's log tells more",
        ),
        (
            MemoryError(),
            "memory",
            "the server has too little memory for this; try a shorter sound",
        ),
        (
            caused(InputError("out: writing stopped"), OSError(errno.ENOSPC, "no space")),
            "disk_full",
            "the disk of the server is full; free some space and try again",
        ),
        (
            caused(InputError("temporary files can't grow"), OSError(errno.EFBIG, "too large")),
            "too_long",
            "the sound is larger, decoded, than is allowed; send a part of it",
        ),
    ],
)
def test_a_failure_is_told_by_a_code_and_a_sentence(
    error: Exception, code: str, message: str
) -> None:
    assert failure(error) == (code, message)

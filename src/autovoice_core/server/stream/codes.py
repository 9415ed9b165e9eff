"""Close codes of live streams, and ``StreamRefusal``, which ends a stream with one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from autovoice_core._errors import AutoVoiceError, InputError, StorageError


class CloseCode(IntEnum):
    """The codes that the server closes a stream with; their names are those of error messages."""

    END = 1000
    GOING_AWAY = 1001
    UNEXPECTED_MESSAGE = 1003
    TOO_BIG = 1009
    BAD_MESSAGE = 4400
    TOKEN = 4401
    VOICE_UNKNOWN = 4404
    TIMEOUT = 4408
    OUT_OF_ORDER = 4409
    OVER_CREDIT = 4410
    SLOW_READER = 4413
    INVALID_OPTION = 4422
    TOO_MANY_STREAMS = 4429
    FAILED = 4500


class StreamRefusal(Exception):
    """What a client sent is refused, or the server can't go on: the stream ends.

    Parameters
    ----------
    code
        The code to close with.
    message
        A sentence for people: what is wrong, and what to do.
    """

    def __init__(self, code: CloseCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@contextmanager
def refusing() -> Iterator[None]:
    """Turn errors of the library inside into refusals: of the voice, an option, or a fault here."""
    try:
        yield
    except StorageError as error:
        raise StreamRefusal(CloseCode.VOICE_UNKNOWN, str(error)) from error
    except InputError as error:
        raise StreamRefusal(CloseCode.INVALID_OPTION, str(error)) from error
    except AutoVoiceError as error:
        raise StreamRefusal(CloseCode.FAILED, str(error)) from error

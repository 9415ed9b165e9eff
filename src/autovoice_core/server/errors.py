"""``ApiError``, and the one form in which every refusal and failure is answered.

``{"error": {"code": "voice_unknown", "message": "...", "field": null}}``
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from starlette.responses import Response

from autovoice_core._errors import (
    ArgumentError,
    AutoVoiceError,
    InputError,
    ModelError,
    NoBackend,
    SelectionError,
    StorageError,
)
from autovoice_core._printable import printable, shortened

HEADER_TOO_LARGE = ("header_too_large", "the header is larger than this server reads")
"""Code and message of status 431."""


class ErrorDetail(Struct, frozen=True):
    """A refusal or failure: a word for programs, a sentence for people, the field at fault."""

    code: str
    message: str
    field: str | None = None


class ErrorBody(Struct, frozen=True):
    """The body of every answer of status 400 and above."""

    error: ErrorDetail


class ApiError(Exception):
    """A request is refused or has failed.

    Parameters
    ----------
    status
        The HTTP status, 400 and above.
    code
        A word of lower-case letters and underscores, for programs.
    message
        A sentence: what is wrong, and what to do.
    field
        The path of what is at fault in the request's body or path, as ``options.key``.
    headers
        Headers of the answer, such as ``Retry-After``.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return the answer that tells the client; it may quote what a client sent."""
        field = None if self.field is None else _shown(self.field)
        body = ErrorBody(ErrorDetail(self.code, _shown(self.message), field))
        return Response(
            msgspec.json.encode(body), self.status, self.headers, media_type="application/json"
        )


def _shown(text: str) -> str:
    return printable(shortened(text))


def api_error(error: AutoVoiceError) -> ApiError:
    """Return what the library raised as an answer: 422, 503, or 500 for a fault of ours."""
    match error:
        case NoBackend():
            return ApiError(503, "no_backend", error.summary)
        case ArgumentError():
            argument = str(error).partition(": ")[0]
            return ApiError(422, "invalid", str(error), argument)
        case InputError() | SelectionError():
            return ApiError(422, "invalid", str(error))
        case StorageError():
            return ApiError(503, "storage", str(error))
        case ModelError():
            return ApiError(503, "model", str(error))
        case _:
            return ApiError(500, "failed", str(error))

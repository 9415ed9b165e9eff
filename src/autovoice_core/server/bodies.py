"""Bodies of requests, read within a limit of bytes, and bodies of answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from autovoice_core.server.errors import ApiError
from autovoice_core.server.wrong_values import explain

JSON = "application/json"

_Body = TypeVar("_Body")


async def read_json(request: Request, kind: type[_Body], limit: int) -> _Body:
    """Return the body of a request, JSON, as a ``kind`` of attrs class.

    Raises
    ------
    ApiError
        415: its content type is not ``application/json``; 413: it has more than ``limit`` bytes;
        400: it is no JSON; 422: it is not of that form.
    """
    given = request.headers.getlist("content-type")
    if [value.lower().replace(" ", "") for value in given] not in (
        [JSON],
        [f"{JSON};charset=utf-8"],
    ):
        raise ApiError(415, "media_type", f"send the body as Content-Type: {JSON}")
    data = b"".join([chunk async for chunk in body_chunks(request, limit)])
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError as error:
        raise ApiError(422, "invalid", *explain(error, kind)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise ApiError(400, "json", f"the body is no JSON: {reason}") from error


async def body_chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """Yield the body of a request in pieces.

    Raises
    ------
    ApiError
        413: it has more than ``limit`` bytes; 400: the client went away before its end.
    """
    too_large = ApiError(413, "too_large", f"the body is larger than the {limit} bytes allowed")
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared) > limit:
        raise too_large
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > limit:
                raise too_large
            if chunk:
                yield chunk
    except ClientDisconnect as error:
        raise ApiError(
            400, "incomplete", "the body ended before its time; send it again"
        ) from error


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer with ``value``, an attrs object, as its body."""
    return Response(msgspec.json.encode(value), status, headers, media_type=JSON)

"""``ErrorForm``: middleware that brings errors of the web framework into the one form of errors."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autovoice_core.server.bodies import JSON
from autovoice_core.server.errors import ApiError

_KEPT = ("allow", "content-range", "retry-after")
"""Headers of an error that say more than its message."""

_KNOWN = {
    400: ("range", "the header Range can't be read"),
    416: ("range", "the range lies outside the file"),
}
"""Code and message of those errors that the framework answers by itself."""


class ErrorForm:
    """Middleware that answers errors which have a text, or nothing, in the one form instead."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        start: Message | None = None
        text = b""

        async def send_in_form(message: Message) -> None:
            nonlocal start, text
            if _is_foreign_error(message):
                start = message
            elif start is None:
                await send(message)
            else:
                text += message.get("body", b"")
                if not message.get("more_body", False):
                    await _in_form(start, text)(scope, receive, send)

        await self._app(scope, receive, send_in_form)


def _is_foreign_error(message: Message) -> bool:
    return (
        message["type"] == "http.response.start"
        and message["status"] >= 400
        and Headers(raw=message["headers"]).get("content-type") != JSON
    )


def _in_form(start: Message, text: bytes) -> ASGIApp:
    """Return the answer to send in place of one that begins with ``start`` and has ``text``."""
    status, headers = HTTPStatus(start["status"]), Headers(raw=start["headers"])
    code, message = _KNOWN.get(status, ("error", status.phrase))
    kept = {name: headers[name] for name in _KEPT if name in headers}
    return ApiError(status, code, text.decode() or message, headers=kept).response()

"""``ApiRoute``: one method at one path, with what the OpenAPI description says of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from starlette.routing import Route


class ApiRoute(Route):
    """One method at one path.

    Parameters
    ----------
    method, path, endpoint
        As for Starlette; a parameter of the path is called as in ``openapi.PATH_PARAMETERS``.
    summary
        A phrase for the description: ``"List the voices"``.
    body
        What the request's body is: an attrs class (JSON), a media type (bytes), or None.
    answers
        The same for the answer of each status below 400.
    errors
        The statuses of 400 and above that the endpoint answers beside those of every route.
    needs_token
        Whether a client must have shown the token, where the server has one.
    parameters
        Parameters in headers and queries, as OpenAPI describes them.
    """

    def __init__(
        self,
        method: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        summary: str,
        answers: Mapping[int, type | str | None],
        body: type | str | None = None,
        errors: Collection[int] = (),
        needs_token: bool = True,
        parameters: Collection[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(path, endpoint, methods=[method])
        self.method, self.summary, self.body = method, summary, body
        self.answers, self.errors = dict(answers), tuple(errors)
        self.needs_token, self.parameters = needs_token, [dict(each) for each in parameters]


def header_parameter(name: str, description: str, pattern: str) -> dict[str, Any]:
    """Return the description of a header that a request may have."""
    schema = {"type": "string", "pattern": pattern}
    return {"name": name, "in": "header", "description": description, "schema": schema}


RANGE = header_parameter(
    "Range",
    "The bytes to send, as bytes=FIRST-LAST.",
    "^bytes=(-[0-9]{1,15}|[0-9]{1,15}-[0-9]{0,15})$",
)
"""The header by which a client asks for part of a file."""

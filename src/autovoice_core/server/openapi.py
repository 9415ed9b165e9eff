"""The OpenAPI description of a server, made from the routes that it serves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from autovoice_core.server.api_route import ApiRoute
from autovoice_core.server.errors import ErrorBody
from autovoice_core.server.jobs.schemas import ID_PATTERN
from autovoice_core.server.sign_ins import COOKIE
from autovoice_core.voices.names import MAX_NAME_LENGTH

PATH_PARAMETERS: dict[str, tuple[str, dict[str, Any]]] = {
    "id": ("The id of an upload or a job.", {"type": "string", "pattern": ID_PATTERN}),
    "name": (
        "A name: of a voice, or of an output of a job.",
        {"type": "string", "minLength": 1, "maxLength": MAX_NAME_LENGTH},
    ),
}
"""The parameters that paths have: what each is, and its schema."""

EVERYWHERE = {
    400: "The request is malformed.",
    403: "The request comes from another site, or names another host.",
    408: "The request came too slowly.",
    431: "The header is too large.",
    500: "The server has failed.",
    503: "Something that the request needs can't be used now.",
}
"""Errors that any route may answer with."""

ERRORS = EVERYWHERE | {
    401: "The token is missing or wrong.",
    404: "There is no such thing.",
    405: "The path has other methods.",
    409: "It exists already, or is in use.",
    413: "The body is too large.",
    415: "The body has another media type.",
    416: "The range lies outside the file.",
    422: "The request can't be carried out as it stands.",
    429: "Too much at once; try again later.",
    507: "The disk is full.",
}

_REFERENCE = "#/components/schemas/{name}"
_JSON = "application/json"


def description_route(routes: Sequence[BaseRoute]) -> ApiRoute:
    """Return the route that describes ``routes`` and itself."""

    def describe(_: Request) -> Response:
        return Response(document, media_type=_JSON)

    route = ApiRoute(
        "GET",
        "/v1/openapi.json",
        describe,
        summary="Describe this API",
        answers={200: _JSON},
        needs_token=False,
    )
    document = msgspec.json.encode(description([*routes, route]))
    return route


def description(routes: Iterable[BaseRoute]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 description of those ``routes`` that are of the API."""
    served = [route for route in routes if isinstance(route, ApiRoute)]
    bodies = [body for route in served for body in (route.body, *route.answers.values())]
    kinds = dict.fromkeys([ErrorBody, *(body for body in bodies if isinstance(body, type))])
    _, schemas = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for route in served:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "AutoVoice",
            "version": version("autovoice-core"),
            "description": "Singing voice conversion: voices, uploads and jobs. Live singing goes "
            "over the WebSocket /v1/stream, which docs/server-stream.md describes.",
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
    }


def _operation(route: ApiRoute) -> dict[str, Any]:
    errors = {*EVERYWHERE, *route.errors}
    if route.needs_token:
        errors.add(401)
    if route.body is not None:
        errors |= {413} if isinstance(route.body, str) else {413, 415, 422}
    if route.param_convertors:
        errors |= {404, 422}
    operation: dict[str, Any] = {
        "operationId": f"{route.method.lower()}{_camel_case(route.path)}",
        "summary": route.summary,
        "responses": {
            str(status): {"description": route.summary} | _content(body)
            for status, body in route.answers.items()
        }
        | {str(status): {"description": ERRORS[status]} | _content(ErrorBody) for status in errors},
    }
    parameters = [_path_parameter(name) for name in route.param_convertors]
    parameters += route.parameters
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True} | _content(route.body)
    if route.needs_token:
        # Or nothing, where the server listens on its own machine alone.
        operation["security"] = [{"token": []}, {"session": []}, {}]
    return operation


def _path_parameter(name: str) -> dict[str, Any]:
    text, schema = PATH_PARAMETERS[name]
    return {"name": name, "in": "path", "required": True, "description": text, "schema": schema}


def _content(body: type | str | None) -> dict[str, Any]:
    """Return the description of a body: bytes of a media type, JSON, or nothing."""
    if body is None:
        return {}
    if isinstance(body, str):
        return {"content": {body: {}}}
    return {"content": {_JSON: {"schema": {"$ref": _REFERENCE.format(name=body.__name__)}}}}


def _camel_case(path: str) -> str:
    words = path.replace("{", "").replace("}", "").replace(".", "/").split("/")
    return "".join(word.capitalize() for word in words if word not in ("", "v1"))

"""Routes of jobs: begun, listed, watched, cancelled, removed, and the files that they make."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from autovoice_core.server.api_route import RANGE, ApiRoute, header_parameter
from autovoice_core.server.bodies import json_response, read_json
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.events import Event
from autovoice_core.server.jobs.schemas import FINISHED, Job, JobList, JobRequest
from autovoice_core.server.routes.uploads import ANY_FILE
from autovoice_core.server.state import ServerState

EVENT_STREAM = "text/event-stream"
MAX_EVENT_ID_DIGITS = 18
LAST_EVENT_ID = header_parameter(
    "Last-Event-ID",
    "The id of the last event that the client has seen.",
    f"^[0-9]{{0,{MAX_EVENT_ID_DIGITS}}}$",
)
REPORT_POLICY = (
    "sandbox allow-scripts; default-src 'none'; img-src data:; media-src data:; "
    "style-src 'unsafe-inline'; script-src 'unsafe-inline'"
)
"""Policy of the report, whose script, which joins its players, can reach nothing but the page."""

_ONE = "/v1/jobs/{id}"


def routes(state: ServerState) -> list[BaseRoute]:
    """Return the routes of jobs."""
    jobs = state.jobs

    async def submit(request: Request) -> Response:
        body = await read_json(request, JobRequest, state.limits.json_bytes)
        return json_response(await jobs.submit(body), 202)

    async def listing(_: Request) -> Response:
        return json_response(JobList(jobs.list()))

    async def get(request: Request) -> Response:
        return json_response(jobs.get(request.path_params["id"]))

    async def delete(request: Request) -> Response:
        key = request.path_params["id"]
        if jobs.get(key).state not in FINISHED:
            return json_response(await jobs.cancel(key), 202)
        await jobs.delete(key)
        return Response(status_code=204)

    async def events(request: Request) -> Response:
        followed = jobs.events(request.path_params["id"], _last_event_id(request))
        if followed is None:  # tells an EventSource not to come back
            return Response(status_code=204)
        return StreamingResponse(
            _encoded(followed), headers={"Cache-Control": "no-store"}, media_type=EVENT_STREAM
        )

    async def output(request: Request) -> Response:
        path, what = jobs.output_path(request.path_params["id"], request.path_params["name"])
        page = what.media_type.startswith("text/html")
        return FileResponse(
            path,
            media_type=what.media_type,
            filename=path.name,
            headers={"Content-Security-Policy": REPORT_POLICY} if page else None,
            content_disposition_type="inline" if page else "attachment",
        )

    return [
        ApiRoute(
            "POST",
            "/v1/jobs",
            submit,
            summary="Begin a job",
            body=JobRequest,
            answers={202: Job},
            errors=(400, 413, 415, 422, 429, 507),
        ),
        ApiRoute("GET", "/v1/jobs", listing, summary="List the jobs", answers={200: JobList}),
        ApiRoute("GET", _ONE, get, summary="Show a job", answers={200: Job}, errors=(404,)),
        ApiRoute(
            "DELETE",
            _ONE,
            delete,
            summary="Cancel a job, or remove it if it is finished",
            answers={202: Job, 204: None},
            errors=(404, 409),
        ),
        ApiRoute(
            "GET",
            f"{_ONE}/events",
            events,
            summary="Watch a job; resumes after Last-Event-ID",
            answers={200: EVENT_STREAM, 204: None},
            errors=(404, 422),
            parameters=[LAST_EVENT_ID],
        ),
        ApiRoute(
            "GET",
            f"{_ONE}/outputs/{{name}}",
            output,
            summary="Read a file that a job has made; takes Range",
            answers={200: ANY_FILE, 206: ANY_FILE},
            errors=(404, 416),
            parameters=[RANGE],
        ),
    ]


def _last_event_id(request: Request) -> int:
    """Return the id of the last event that the client has seen; 0 if it has seen none."""
    given = request.headers.get("last-event-id", "")
    if not given:
        return 0
    if not (given.isascii() and given.isdecimal() and len(given) <= MAX_EVENT_ID_DIGITS):
        raise ApiError(422, "invalid", "Last-Event-ID: is not the id of an event", "Last-Event-ID")
    return int(given)


async def _encoded(followed: AsyncIterator[Event | None]) -> AsyncIterator[bytes]:
    """Yield events as they are sent, and comments that show that all is well."""
    async for event in followed:
        yield b": waiting\n\n" if event is None else event.encode()

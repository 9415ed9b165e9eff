"""``create_app``: the application of a server, joined from the routes of its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route, WebSocketRoute
from starlette.websockets import WebSocket

from autovoice_core._errors import AutoVoiceError
from autovoice_core.server.api_route import ApiRoute
from autovoice_core.server.drain import Drain
from autovoice_core.server.error_form import ErrorForm
from autovoice_core.server.errors import ApiError, api_error
from autovoice_core.server.guard import Guard
from autovoice_core.server.jobs.service import JobService
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.openapi import description_route
from autovoice_core.server.page import routes as page
from autovoice_core.server.request_log import RequestLog
from autovoice_core.server.routes import backends, health, jobs, session, stream, uploads, voices
from autovoice_core.server.security_headers import SECURITY_HEADERS, SecurityHeaders
from autovoice_core.server.settings import Settings
from autovoice_core.server.state import ServerState
from autovoice_core.server.stream.sessions import Sessions
from autovoice_core.voices.storage import VoiceProfileStorage

MAX_THREADS = 6
"""Threads that read and write voices and files, each of which may hold a voice in memory."""
_API = (health, backends, session, voices, uploads, jobs, stream)


def create_app(settings: Settings) -> Starlette:
    """Return the application of a server, whose jobs start and stop with its lifespan."""
    metrics, profiles = Metrics(), VoiceProfileStorage(settings.db)
    service = JobService(settings, metrics, profiles)
    state = ServerState(settings, metrics, profiles, service, Sessions(settings, metrics))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = MAX_THREADS
        await run_in_threadpool(profiles.list)  # a database that can't be used is told at once
        await state.jobs.start()
        try:
            await state.streams.start()
            yield
        finally:
            await state.say_goodbye()
            await state.jobs.stop()

    api = [route for part in _API for route in part.routes(state)]
    api.append(description_route(api))
    files = page.routes(state)
    guard = Middleware(
        Guard, settings=settings, sign_ins=state.sign_ins, open_paths=_open_paths(api, files)
    )
    app = Starlette(
        routes=[*api, *files, WebSocketRoute("/{path:path}", _no_socket)],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(ErrorForm),
            Middleware(Drain, seconds=settings.limits.linger_seconds),
            Middleware(RequestLog, metrics=metrics),
            guard,
        ],
        exception_handlers=_EXCEPTION_HANDLERS,
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.server = state
    return app


def _open_paths(api: Iterable[BaseRoute], files: Iterable[BaseRoute]) -> set[str]:
    """Return the paths that need no token: the page, to sign in on it, and the like of health."""
    opened = [route for route in api if isinstance(route, ApiRoute) and not route.needs_token]
    return {route.path for route in (*opened, *files) if isinstance(route, Route)}


async def _refused(_: Request, error: ApiError) -> Response:
    return error.response()


async def _failed(_: Request, error: AutoVoiceError) -> Response:
    return api_error(error).response()


async def _unrouted(request: Request, error: HTTPException) -> Response:
    """Return the answer where no route fits: 404, 405 with the methods that there are, or 426."""
    if request.url.path in [r.path for r in request.app.routes if isinstance(r, WebSocketRoute)]:
        message = "this path is a WebSocket; open it with Upgrade: websocket"
        headers = {"Upgrade": "websocket", "Connection": "Upgrade"}
        return ApiError(426, "upgrade", message, headers=headers).response()
    if error.status_code == 405:
        methods: set[str] = set()
        for route in request.app.routes:
            if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
                methods |= route.methods or set()
        allowed = ", ".join(sorted(methods))
        return ApiError(
            405, "method", f"this path knows {allowed} only", headers={"Allow": allowed}
        ).response()
    return _nothing_there().response()


async def _no_socket(websocket: WebSocket) -> None:
    await websocket.send_denial_response(_nothing_there().response())


def _nothing_there() -> ApiError:
    return ApiError(404, "not_found", "there is nothing at this path")


async def _broken(_: Request, error: Exception) -> Response:
    headers = SECURITY_HEADERS
    message = "the server has failed at this request; its log says more"
    return ApiError(500, "internal", message, headers=headers).response()


_EXCEPTION_HANDLERS: dict[Any, Any] = {
    ApiError: _refused,
    AutoVoiceError: _failed,
    HTTPException: _unrouted,
    Exception: _broken,
}

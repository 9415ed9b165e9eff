"""``create_app``: the application of a server, joined from the routes of its parts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from autovoice_core._errors import AutoVoiceError
from autovoice_core.server.errors import ApiError, api_error
from autovoice_core.server.jobs.service import JobService
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Settings
from autovoice_core.server.state import ServerState
from autovoice_core.voices.storage import VoiceProfileStorage

_PARTS = [
    "routes.health",
    "routes.backends",
    "routes.session",
    "routes.voices",
    "routes.uploads",
    "routes.jobs",
    "stream.route",
    "page.routes",
]


def create_app(settings: Settings) -> Starlette:
    """Return the application of a server, whose jobs start and stop with its lifespan."""
    metrics = Metrics()
    voices = VoiceProfileStorage(settings.db)
    state = ServerState(settings, metrics, voices, JobService(settings, metrics, voices))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await state.jobs.start()
        try:
            yield
        finally:
            await state.jobs.stop()

    async def refused(_: Request, error: ApiError) -> Response:
        return error.response()

    async def failed(_: Request, error: AutoVoiceError) -> Response:
        return api_error(error).response()

    app = Starlette(
        routes=_routes(state),
        exception_handlers={ApiError: refused, AutoVoiceError: failed},
        lifespan=lifespan,
    )
    app.state.server = state
    return app


def _routes(state: ServerState) -> list[BaseRoute]:
    joined: list[BaseRoute] = []
    for part in _PARTS:
        name = f"autovoice_core.server.{part}"
        package = name.rpartition(".")[0]
        if find_spec(package) and find_spec(name):
            joined += import_module(name).routes(state)
    return joined

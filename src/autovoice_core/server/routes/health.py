"""Routes for those who watch a server: health, metrics and limits."""

from __future__ import annotations

from importlib.metadata import version

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from autovoice_core.server.api_route import ApiRoute
from autovoice_core.server.bodies import json_response
from autovoice_core.server.schemas import Health, LimitsAnswer
from autovoice_core.server.state import ServerState


def routes(state: ServerState) -> list[BaseRoute]:
    """Return the routes of health, metrics and limits."""
    limits = state.limits

    async def health(_: Request) -> Response:
        return json_response(Health("ok", version("autovoice-core")))

    async def metrics(_: Request) -> Response:
        return Response(state.metrics.text(), headers={"content-type": CONTENT_TYPE_LATEST})

    async def limits_answer(_: Request) -> Response:
        return json_response(
            LimitsAnswer(limits.upload_bytes, limits.upload_seconds, limits.queue, limits.streams)
        )

    return [
        ApiRoute(
            "GET",
            "/v1/health",
            health,
            summary="Say that all is well",
            answers={200: Health},
            needs_token=False,
        ),
        ApiRoute(
            "GET",
            "/metrics",
            metrics,
            summary="Figures in Prometheus' text format",
            answers={200: CONTENT_TYPE_LATEST},
        ),
        ApiRoute(
            "GET",
            "/v1/limits",
            limits_answer,
            summary="What a client may send",
            answers={200: LimitsAnswer},
        ),
    ]

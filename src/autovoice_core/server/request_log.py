"""``RequestLog``: middleware that counts, times and logs answers, and logs what fails."""

from __future__ import annotations

import logging
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from autovoice_core.server.metrics import Metrics

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
"""Methods that are counted under their names; whatever else clients send is one more."""

_log = logging.getLogger(__name__)


class RequestLog:
    """Middleware that counts, times and logs answers by route, so that labels are bounded."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and count its answer."""
        began = time.perf_counter()

        async def send_and_count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, send_and_count)
        except Exception:
            _log.exception("%s failed", _route(scope))
            raise

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = _route(scope)
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.request_seconds.labels(method, route).observe(seconds)
        _log.info("%s %s %d, %.0f ms", method, route, status, 1000 * seconds)


def _route(scope: Scope) -> str:
    """Return the path of the route, and not that of the request, which a client chooses."""
    return getattr(scope.get("route"), "path", "none")

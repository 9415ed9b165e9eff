"""``Watch``: a clock that looks at one connection a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette

from autovoice_core.server.settings import Limits

MAX_TURN_SECONDS = 1.0
"""Longest time between two looks."""


def limits_of(app: Any) -> Limits:
    """Return the limits of an application made by ``create_app``."""
    while not isinstance(app, Starlette):
        app = app.app
    limits: Limits = app.state.server.limits
    return limits


class Watch:
    """A clock of one connection: seconds that something has lasted, looked at in turns."""

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: Limits) -> None:
        shortest = min(
            limits.header_seconds,
            limits.body_grace_seconds,
            limits.stalled_seconds,
            limits.linger_seconds,
        )
        self.seconds = min(MAX_TURN_SECONDS, shortest / 4)
        self._loop = loop
        self._since: dict[str, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def start(self, look: Callable[[], object]) -> None:
        """Call ``look`` in turns from now on."""

        def turn() -> None:
            self._timer = self._loop.call_later(self.seconds, turn)
            look()

        self._timer = self._loop.call_later(self.seconds, turn)

    def stop(self) -> None:
        """Call nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    def lasts(self, state: str, holds: bool) -> float:
        """Return for how long ``state`` has held, 0 where it does not."""
        if not holds:
            self._since.pop(state, None)
            return 0.0
        now = self._loop.time()
        return now - self._since.setdefault(state, now)

    def pause(self, state: str) -> None:
        """Don't count the last turn to the time that ``state`` has held."""
        self._since[state] = min(self._since[state] + self.seconds, self._loop.time())

"""``EventLog``: what happened to a job, followed from any point on, as server-sent events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal

import msgspec
from attrs import frozen

EventName = Literal["state", "progress", "log", "end"]

MAX_EVENTS = 200
"""Events of a job that are kept; the oldest go first."""
IDS_PER_BOOT = 1_000_000
"""Ids that a job's events may have between two starts of the server."""


@frozen
class Event:
    """Something that happened to a job; ``data`` is JSON."""

    id: int
    name: EventName
    data: bytes

    def encode(self) -> bytes:
        """Return the event as a server sends it."""
        return b"id: %d\nevent: %s\ndata: %s\n\n" % (self.id, self.name.encode(), self.data)


class EventLog:
    """The events of a job: of progress the latest, and once it has ended only warnings and its end.

    Ids rise for ever: those of every start of the server, ``boot``, are above all from before.
    So a client that comes back after a restart gets the whole new log.
    """

    def __init__(self, boot: int) -> None:
        self.last_id = boot * IDS_PER_BOOT
        self._events: list[Event] = []
        self._changed = asyncio.Event()
        self._closed = False

    @classmethod
    def of_ended(cls, last_id: int, data: Any) -> EventLog:
        """Return the log of a job that ended with ``data`` in an event ``last_id``."""
        log = cls(0)
        log.last_id = last_id - 1
        log.add("end", data)
        return log

    def add(self, name: EventName, data: Any) -> None:
        """Add an event with ``data`` as JSON; ``end`` is the last."""
        self.last_id += 1
        if name == "end":
            self._events = [event for event in self._events if event.name == "log"]
        elif name == "progress" and self._events and self._events[-1].name == "progress":
            del self._events[-1]
        self._events.append(Event(self.last_id, name, msgspec.json.encode(data)))
        del self._events[:-MAX_EVENTS]
        self._closed = self._closed or name == "end"
        self._wake()

    def close(self) -> None:
        """Let those that follow the log stop once they have read it."""
        self._closed = True
        self._wake()

    async def follow(self, after: int, heartbeat_seconds: float) -> AsyncIterator[Event | None]:
        """Yield the events with ids above ``after``, old and new, until the last.

        Yields None where nothing happens for ``heartbeat_seconds``.
        """
        while True:
            changed = self._changed
            pending = [event for event in self._events if event.id > after]
            for event in pending:
                after = event.id
                yield event
            if pending:
                continue  # more may have come meanwhile
            if self._closed:
                return
            try:
                async with asyncio.timeout(heartbeat_seconds):
                    await changed.wait()
            except TimeoutError:
                yield None

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

"""Bodies of requests and answers about voices, backends, sessions and the server itself."""

from __future__ import annotations

from attrs import frozen


@frozen
class Health:
    """A server that works."""

    status: str
    version: str


@frozen
class LimitsAnswer:
    """What a client may send: largest and longest upload, jobs that may wait, live streams."""

    upload_bytes: int
    upload_seconds: float
    queue: int
    streams: int

"""A local web server whose answers a test chooses, and weights to download from it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from autovoice_core import ModelError, models
from autovoice_core.backends import Weights
from autovoice_core.models.download import part_of

TENSORS = {"kernel": np.random.default_rng(0).standard_normal((200, 200)).astype(np.float32)}
BODY = safetensors.numpy.save(TENSORS, {"made": "for tests"})
HALF = len(BODY) // 2
ETAG = '"v1"'

Answer = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """Answers as the test says, and records the requests."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self)
        self.server.answer(self)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def give(
        self,
        body: bytes = b"",
        status: int = 200,
        *,
        length: int | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Send an answer that says it has ``length`` bytes and then ends the connection."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def serve(self, body: bytes = BODY, etag: str = ETAG, *, stop: int | None = None) -> None:
        """Send ``body`` as a good server does, ranges and all; break off at ``stop``."""
        start = 0
        asked = self.headers.get("Range")
        if asked and self.headers.get("If-Range") in {None, etag}:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
        headers = {"ETag": etag}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        self.give(
            body[start:stop], 206 if start else 200, length=len(body) - start, headers=headers
        )


class Server(ThreadingHTTPServer):
    """A server on this machine, whose answer a test may replace at any time."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[Handler] = []
        self.answer: Answer = Handler.serve

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away, as some tests make them."""


def pinned(body: bytes = BODY, **changes: Any) -> Weights:
    """Return the record of a file of these bytes."""
    facts: dict[str, Any] = {
        "name": "toy/net",
        "url": "https://example.org/files/net.safetensors",
        "size": len(body),
        "sha256": hashlib.sha256(body).hexdigest(),
        "licence": "CC0-1.0",
    }
    return Weights(**facts | changes)


def refusal(weights: Weights) -> str:
    with pytest.raises(ModelError) as caught:
        models.get(weights)
    return str(caught.value)


def left(weights: Weights) -> int:
    """Return how many bytes an unfinished download has left; -1 for no file."""
    part = part_of(weights)
    return part.stat().st_size if part.exists() else -1


def break_off(handler: Handler) -> None:
    handler.serve(stop=HALF)

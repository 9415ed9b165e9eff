"""Routes of the page's files: each has an exact path, and nothing else is served."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from attrs import frozen
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from autovoice_core.server.state import ServerState

INDEX = "index.html"
"""The file that is served at ``/``; others are at ``/page/`` and their path."""
MEDIA_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""The files of the page by their suffix; a file of another kind isn't served."""


@frozen
class PageFile:
    """A file of the page: the path it is served at, its media type and what it holds."""

    path: str
    media_type: str
    content: bytes


def page_files() -> Iterator[PageFile]:
    """Yield every file of the page."""
    for name, file in _below(files(__package__)):
        media_type = MEDIA_TYPES.get(file.name[file.name.rfind(".") :])
        if media_type is not None:
            path = "/" if name == INDEX else f"/page/{name}"
            yield PageFile(path, media_type, file.read_bytes())


def _below(folder: Traversable, prefix: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry


def routes(_: ServerState) -> list[BaseRoute]:
    """Return a route for each file of the page."""
    return [_route(file) for file in page_files()]


def _route(file: PageFile) -> Route:
    tag = f'"{hashlib.sha256(file.content).hexdigest()[:32]}"'
    # A browser asks each time, so that after an update no old file meets new ones.
    headers = {"ETag": tag, "Cache-Control": "no-cache"}

    async def serve(request: Request) -> Response:
        if request.headers.get("If-None-Match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(file.content, headers=headers, media_type=file.media_type)

    return Route(file.path, serve, methods=["GET"])

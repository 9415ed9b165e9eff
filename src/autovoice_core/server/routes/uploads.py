"""Routes of uploads: sounds sent as raw bodies, listed, removed and read back."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from autovoice_core.server.api_route import RANGE, ApiRoute
from autovoice_core.server.bodies import body_chunks, json_response
from autovoice_core.server.jobs.schemas import Upload, UploadList
from autovoice_core.server.state import ServerState

ANY_BYTES, ANY_FILE = "application/octet-stream", "*/*"
_ONE = "/v1/uploads/{id}"


def routes(state: ServerState) -> list[BaseRoute]:
    """Return the routes of uploads."""
    jobs, uploads = state.jobs, state.jobs.uploads

    async def put(request: Request) -> Response:
        declared = request.headers.get("content-length", "")
        chunks = body_chunks(request, state.limits.upload_bytes)
        length = int(declared) if declared.isdecimal() else None
        upload = await uploads.receive(request.path_params["id"], length, chunks)
        return json_response(upload, 201)

    async def listing(_: Request) -> Response:
        return json_response(UploadList(uploads.list()))

    async def get(request: Request) -> Response:
        return json_response(uploads.get(request.path_params["id"]))

    async def delete(request: Request) -> Response:
        await jobs.delete_upload(request.path_params["id"])
        return Response(status_code=204)

    async def content(request: Request) -> Response:
        upload = uploads.get(request.path_params["id"])
        return FileResponse(
            uploads.path(upload.id), media_type=upload.media_type, filename=upload.id
        )

    return [
        ApiRoute(
            "PUT",
            _ONE,
            put,
            summary="Send a sound file under an id of your choice",
            body=ANY_BYTES,
            answers={201: Upload},
            errors=(400, 409, 413, 422, 429, 503, 507),
        ),
        ApiRoute(
            "GET", "/v1/uploads", listing, summary="List the uploads", answers={200: UploadList}
        ),
        ApiRoute("GET", _ONE, get, summary="Show an upload", answers={200: Upload}, errors=(404,)),
        ApiRoute(
            "DELETE",
            _ONE,
            delete,
            summary="Remove an upload",
            answers={204: None},
            errors=(404, 409),
        ),
        ApiRoute(
            "GET",
            f"{_ONE}/content",
            content,
            summary="Read an upload back; takes Range",
            answers={200: ANY_FILE, 206: ANY_FILE},
            errors=(404, 416),
            parameters=[RANGE],
        ),
    ]

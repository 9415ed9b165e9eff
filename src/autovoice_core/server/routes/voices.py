"""Routes of voices: listed, made, changed, deleted, exported and imported."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import cast
from urllib.parse import quote

import attrs
import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from autovoice_core._errors import InputError, StorageError
from autovoice_core._style import StyleOptions
from autovoice_core.server.api_route import ApiRoute
from autovoice_core.server.bodies import body_chunks, json_response, read_json
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.schemas import EnrolRequest, Job
from autovoice_core.server.schemas import StyleBody, VoiceBody, VoiceChange, VoiceList
from autovoice_core.server.slots import HeldResponse, Slots
from autovoice_core.server.state import ServerState
from autovoice_core.server.unknown_voices import unknown_voice
from autovoice_core.voices import serialization
from autovoice_core.voices.names import clean_name
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage
from autovoice_core.voices.summary import VoiceSummary

VOICE_FILE = "application/octet-stream"
MAX_EXPORTS = 4
"""Voices that are exported at once, each of which is held in memory."""
_VOICES, _VOICE = "/v1/voices", "/v1/voices/{name}"
_EXPORT = f"{_VOICE}/export"


def routes(state: ServerState) -> list[BaseRoute]:
    """Return the routes of voices."""
    voices, limits = state.voices, state.limits
    slots = Slots(MAX_EXPORTS, "voices")

    def list_voices(_: Request) -> Response:
        return json_response(VoiceList([_listed(voices, each) for each in voices.list()]))

    async def make(request: Request) -> Response:
        body = await read_json(request, EnrolRequest, limits.json_bytes)
        await run_in_threadpool(_free_name, voices, body.name)
        return json_response(await state.jobs.submit(body), 202)

    def show(request: Request) -> Response:
        name = _name(request)
        with _causes_told(voices, known=name):
            return json_response(_body(voices.get(name)))

    async def change(request: Request) -> Response:
        body = await read_json(request, VoiceChange, limits.json_bytes)
        return json_response(await run_in_threadpool(_change, voices, request, body))

    def delete(request: Request) -> Response:
        name = _name(request)
        with _causes_told(voices, known=name):
            voices.remove(name)
        return Response(status_code=204)

    async def export(request: Request) -> Response:
        name = _name(request)
        file_name = quote(name + serialization.SUFFIX, safe="")
        disposition = f"attachment; filename*=UTF-8''{file_name}"
        headers = {"content-disposition": disposition}
        with ExitStack() as held:
            held.enter_context(slots.taken())
            data = await run_in_threadpool(_exported, voices, name)
            return HeldResponse(held.pop_all(), data, headers, VOICE_FILE)

    async def import_(request: Request) -> Response:
        name = await run_in_threadpool(_free_name, voices, request.path_params["name"])
        try:
            await state.jobs.voice_files.receive(name, body_chunks(request, limits.voice_bytes))
        except ApiError:
            # While it arrived, another client may have taken the name.
            await run_in_threadpool(_free_name, voices, name)
            raise
        with _causes_told(voices, known=name):
            return json_response(_body(await run_in_threadpool(voices.get, name)), 201)

    return [
        ApiRoute("GET", _VOICES, list_voices, summary="List the voices", answers={200: VoiceList}),
        ApiRoute(
            "POST",
            _VOICES,
            make,
            summary="Make a voice from uploads: a job",
            body=EnrolRequest,
            answers={202: Job},
            errors=(404, 409, 429),
        ),
        ApiRoute(
            "GET", _VOICE, show, summary="Show a voice", answers={200: VoiceBody}, errors=(404,)
        ),
        ApiRoute(
            "PUT",
            _VOICE,
            import_,
            summary="Import a voice from a file that was exported",
            body=VOICE_FILE,
            answers={201: VoiceBody},
            errors=(409, 422, 507),
        ),
        ApiRoute(
            "PATCH",
            _VOICE,
            change,
            summary="Rename a voice, or set its style",
            body=VoiceChange,
            answers={200: VoiceBody},
            errors=(404, 409),
        ),
        ApiRoute(
            "DELETE", _VOICE, delete, summary="Delete a voice", answers={204: None}, errors=(404,)
        ),
        ApiRoute(
            "GET",
            _EXPORT,
            export,
            summary="Export a voice to a file",
            answers={200: VOICE_FILE},
            errors=(404, 429),
        ),
    ]


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    try:
        return clean_name(name)
    except InputError as error:
        raise unknown_voice(404, name, [], "name") from error  # none can have that name


@contextmanager
def _causes_told(
    voices: VoiceProfileStorage, *, known: str, free: str | None = None
) -> Iterator[None]:
    """Tell by a status of its own that a voice is not there, or that a new name is taken.

    Looked at afterwards: before, another client could still change it.
    """
    try:
        yield
    except StorageError as error:
        names = [voice.name for voice in voices.list()]
        if known not in names:
            raise unknown_voice(404, known, names, "name") from error
        if free is not None and free in names:
            raise _taken(free) from error
        raise


def _free_name(voices: VoiceProfileStorage, name: str) -> str:
    name = clean_name(name)
    if name in [voice.name for voice in voices.list()]:
        raise _taken(name)
    return name


def _taken(name: str) -> ApiError:
    message = f"there is a voice {name!r} already; delete it or choose another name"
    return ApiError(409, "voice_exists", message, "name")


def _change(voices: VoiceProfileStorage, request: Request, change: VoiceChange) -> VoiceBody:
    name = _name(request)
    renamed = name if change.name is None else clean_name(change.name)
    with _causes_told(voices, known=name, free=None if renamed == name else renamed):
        voices.summary(name)
        if renamed != name:
            _free_name(voices, renamed)
        if change.style is not None:
            given = msgspec.structs.asdict(change.style)
            style = {option: value for option, value in given.items() if value is not None}
            voices.set_style(name, **cast("StyleOptions", style))
        if renamed != name:
            voices.rename(name, renamed)
    with _causes_told(voices, known=renamed):
        return _body(voices.get(renamed))


def _exported(voices: VoiceProfileStorage, name: str) -> bytes:
    with _causes_told(voices, known=name):
        return serialization.dumps(voices.get(name))


def _body(profile: VoiceProfile) -> VoiceBody:
    return VoiceBody(
        profile.name,
        (profile.f0_range.p5, profile.f0_range.p95),
        profile.voiced_seconds,
        profile.consent,
        StyleBody(**attrs.asdict(profile.style)),
        profile.created,
    )


def _listed(voices: VoiceProfileStorage, summary: VoiceSummary) -> VoiceBody:
    """Return a voice of a listing, which one that is damaged does not spoil."""
    try:
        return _body(voices.get(summary.name))
    except StorageError as error:
        f0_range = (summary.f0_range.p5, summary.f0_range.p95)
        seconds, created = summary.voiced_seconds, summary.created
        return VoiceBody(summary.name, f0_range, seconds, "", None, created, str(error))

"""Checks of a request for a job: its parts fit each other, and there is what it names."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from autovoice_core._errors import InputError, StorageError
from autovoice_core._style import STYLE_NAMES
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.backend_options import check_backends
from autovoice_core.server.jobs.schemas import JobOptions, JobRequest
from autovoice_core.server.unknown_voices import unknown_voice
from autovoice_core.voices.storage import VoiceProfileStorage

_COMMON = {"backends", "settings", "device"}
OPTIONS = {
    "convert": _COMMON | set(STYLE_NAMES) | {"vocals_only", "report"},
    "separate": _COMMON,
    "pitch": _COMMON | {"separate"},
}
"""Options that each kind of job has."""


async def require_possible(request: JobRequest, voices: VoiceProfileStorage) -> None:
    """Refuse a request that is bound to fail, as far as that can be told without opening anything.

    Raises
    ------
    ApiError
        422: what :func:`check`, :func:`require_voice` or
        :func:`~autovoice_core.server.jobs.backend_options.check_backends` say.
    StorageError
        The voices can't be read.
    """
    check(request)
    await asyncio.to_thread(check_backends, request)
    await require_voice(voices, request.voice)


def check(request: JobRequest) -> None:
    """Refuse a request whose parts don't fit each other.

    Raises
    ------
    ApiError
        422: it names no voice to convert to, or one in vain; an option that such a job has not; or
        not just one source.
    """
    kind = request.kind
    if kind == "convert" and request.voice is None:
        raise _invalid("voice", "name the voice to convert to")
    if kind != "convert" and request.voice is not None:
        raise _invalid("voice", f"a job of kind {kind!r} takes none; leave it out")
    for name in given_options(request.options):
        if name not in OPTIONS[kind]:
            known = ", ".join(sorted(OPTIONS[kind]))
            raise _invalid(
                f"options.{name}", f"a job of kind {kind!r} has no such option; it has {known}"
            )
    source = request.source
    if (source.upload is None) == (source.job is None):
        raise _invalid("source", "give either an upload, or a job and the name of its output")
    if (source.job is None) != (source.output is None):
        raise _invalid("source.output", "goes with the id of a job, and such an id with it")


async def require_voice(voices: VoiceProfileStorage, voice: str | None) -> None:
    """Refuse a voice that isn't there.

    Raises
    ------
    ApiError
        422: it isn't, or its name can't be one, or it is damaged.
    StorageError
        The voices can't be read.
    """
    if voice is not None:
        try:
            await asyncio.to_thread(voices.summary, voice)
        except (InputError, StorageError) as error:
            names = [known.name for known in await asyncio.to_thread(voices.list)]
            if voice not in names:
                raise unknown_voice(422, voice, names, "voice") from error
            raise ApiError(422, "voice_unknown", str(error), "voice") from error


def given_options(options: JobOptions) -> dict[str, Any]:
    """Return the options that are not the default."""
    given: dict[str, Any] = msgspec.to_builtins(options)
    return given


def _invalid(field: str, message: str) -> ApiError:
    return ApiError(422, "invalid", f"{field}: {message}", field)

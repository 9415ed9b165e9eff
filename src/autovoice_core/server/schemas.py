"""Bodies of requests and answers about voices, backends, sessions and the server itself."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from autovoice_core._style import MAX_FORMANT, MAX_KEY, MAX_SEED, MAX_VIBRATO
from autovoice_core.backends.offer import SongOperation
from autovoice_core.voices.names import MAX_NAME_LENGTH

KeyChoice = Literal["auto", "auto-semitone"]
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LENGTH)]


class Health(Struct, frozen=True):
    """A server that works."""

    status: Literal["ok"]
    version: str


class LimitsAnswer(Struct, frozen=True):
    """What a client may send: largest and longest upload, jobs that may wait, live streams."""

    upload_bytes: int
    upload_seconds: float
    queue: int
    streams: int


class SignIn(Struct, frozen=True, forbid_unknown_fields=True):
    """The token, to be exchanged for a cookie."""

    token: Annotated[str, Meta(max_length=1024)]


class SessionAnswer(Struct, frozen=True):
    """Whether the server asks for a token, and whether this client has shown it."""

    needs_token: bool
    signed_in: bool


class StyleBody(Struct, frozen=True):
    """The default style of conversions into a voice."""

    key: float | KeyChoice
    formant: float
    strength: float
    breath: str
    vibrato: float
    seed: int


class StyleChange(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Attributes of a style that are to change; those left out, or null, stay as they are."""

    key: Annotated[float, Meta(ge=-MAX_KEY, le=MAX_KEY)] | KeyChoice | None = None
    formant: Annotated[float, Meta(ge=-MAX_FORMANT, le=MAX_FORMANT)] | None = None
    strength: Annotated[float, Meta(ge=0, le=1)] | None = None
    breath: Literal["keep", "soften", "remove"] | None = None
    vibrato: Annotated[float, Meta(ge=0, le=MAX_VIBRATO)] | None = None
    seed: Annotated[int, Meta(ge=0, le=MAX_SEED)] | None = None


class VoiceBody(Struct, frozen=True):
    """A voice: its name, the 5th and 95th percentile of its f0, and what is known of it.

    ``fault`` says why a voice can't be read; it can only be deleted. Else it is null.
    """

    name: str
    range_hz: tuple[float, float]
    seconds: float
    consent: str
    style: StyleBody | None
    created: str
    fault: str | None = None


class VoiceList(Struct, frozen=True):
    """All voices, by name."""

    voices: list[VoiceBody]


class VoiceChange(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A new name of a voice, and changes of its style."""

    name: Name | None = None
    style: StyleChange | None = None


class BackendOffer(Struct, frozen=True):
    """A backend for an operation, and the reason why it is or isn't chosen."""

    name: str
    distribution: str
    devices: list[str]
    chosen: bool
    reason: str


class OperationBackends(Struct, frozen=True):
    """The backends of an operation; ``chosen`` is null where none can be used."""

    operation: SongOperation
    chosen: str | None
    offers: list[BackendOffer]


class BackendList(Struct, frozen=True):
    """The backends of every operation, and the packages that were left out, with the cause."""

    operations: list[OperationBackends]
    faults: list[str]

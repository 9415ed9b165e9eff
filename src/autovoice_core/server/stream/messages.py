"""Messages of live streams in JSON: those of the client, checked, and those of the server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from attrs import field, frozen

from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.frames import SampleFormat
from autovoice_core.server.wrong_values import explain

VERSION = 1
"""Version of the protocol."""
MAX_TEXT_BYTES = 16_384
"""Largest message of JSON."""

Key = float | Literal["auto", "auto-semitone"]
Position = Annotated[int, msgspec.Meta(ge=0)]
Samples = Annotated[int, msgspec.Meta(ge=1)]


@frozen
class Options:
    """Options of the first message; those omitted are the voice's own, but the key is 0.

    Attributes
    ----------
    singer
        Name of the voice made of the singer's own recordings, if there is one.
    """

    key: Key = 0.0
    formant: float | None = None
    strength: float | None = None
    singer: str | None = None


@frozen
class Hello:
    """The first message of a client."""

    voice: str
    sample_rate: int
    version: int = VERSION
    channels: int = 1
    format: SampleFormat = "float32"
    token: str | None = field(default=None, repr=False)
    options: Options = field(factory=Options)


@frozen
class Set:
    """Change what is given, while singing goes on."""

    voice: str | None = None
    key: Key | None = None
    formant: float | None = None
    strength: float | None = None


@frozen
class Gap:
    """Audio that will not come: silence takes its place."""

    position: Position
    samples: Samples


@frozen
class Restart:
    """Begin a new epoch."""


@frozen
class Flush:
    """Nothing more will come: send the rest and end."""


@frozen
class Pong:
    """The answer to a ping."""

    position: Position


ClientMessage = Hello | Set | Gap | Restart | Flush | Pong

_KINDS: Mapping[str, type[ClientMessage]] = {
    "hello": Hello,
    "set": Set,
    "gap": Gap,
    "restart": Restart,
    "flush": Flush,
    "pong": Pong,
}


def decode(text: str) -> ClientMessage:
    """Return the message of a client in ``text``.

    Raises
    ------
    StreamRefusal
        It is no JSON object of a known type, or one of its fields is missing or wrong.
    """
    if len(text) > MAX_TEXT_BYTES:
        raise StreamRefusal(
            CloseCode.TOO_BIG, f"a message of JSON may have {MAX_TEXT_BYTES} characters at most"
        )
    try:
        fields = msgspec.json.decode(text.encode(errors="replace"))
    except (msgspec.DecodeError, RecursionError):
        fields = None
    kind = fields.get("type") if isinstance(fields, dict) else None
    if not isinstance(kind, str) or kind not in _KINDS:
        raise StreamRefusal(
            CloseCode.UNEXPECTED_MESSAGE,
            f"text must be a JSON object whose type is one of {', '.join(_KINDS)}; "
            "audio is sent in binary frames",
        )
    try:
        return msgspec.convert(fields, _KINDS[kind])
    except msgspec.ValidationError as error:
        message, _ = explain(error, _KINDS[kind])
        raise StreamRefusal(CloseCode.BAD_MESSAGE, f"{kind}: {message}") from error


def encode(kind: str, **fields: Any) -> str:
    """Return a message of the server as JSON."""
    return msgspec.json.encode({"type": kind, **fields}).decode()


def encode_error(refusal: StreamRefusal) -> str:
    """Return the message that comes before the server closes."""
    return encode(
        "error",
        code=int(refusal.code),
        name=refusal.code.name.lower(),
        message=refusal.message,
    )

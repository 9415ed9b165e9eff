"""Checks of a hello that need no conversion, so that a wrong one costs no process."""

from __future__ import annotations

from autovoice_core._errors import ArgumentError
from autovoice_core._style import Style
from autovoice_core._types import as_sample_rate
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal, refusing
from autovoice_core.server.stream.messages import VERSION, Hello
from autovoice_core.voices.storage import VoiceProfileStorage


def check_hello(hello: Hello, voices: VoiceProfileStorage) -> None:
    """Refuse a hello with an option out of range, or with a voice that ``voices`` don't hold.

    Raises
    ------
    StreamRefusal
        It can't be served.
    """
    if hello.version != VERSION:
        raise StreamRefusal(
            CloseCode.BAD_MESSAGE,
            f"hello: version {hello.version} is not spoken here; send {VERSION}",
        )
    options = hello.options
    with refusing():
        if hello.channels not in (1, 2):
            raise ArgumentError(f"channels: {hello.channels} is neither 1 nor 2")
        as_sample_rate(hello.sample_rate)
        given = {"key": options.key, "formant": options.formant, "strength": options.strength}
        Style(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        for name in (hello.voice, options.singer):
            if name is not None:
                voices.summary(name)

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from autovoice_core import VoiceProfileStorage
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.hello import check_hello
from autovoice_core.server.stream.messages import Hello, Options

HELLO = Hello("Ada", 48_000)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"channels": 2, "format": "int16", "sample_rate": 8_000},
        {"options": Options(-24.0, 12.0, 0.0, "Ada")},
        {"options": Options("auto", singer="Ada")},
    ],
)
def test_a_hello_of_what_there_is_passes(voice_file: Path, changed: dict[str, Any]) -> None:
    check_hello(evolve(HELLO, **changed), VoiceProfileStorage(voice_file))


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        ({"version": 2}, CloseCode.BAD_MESSAGE, "hello: version 2 is not spoken here; send 1"),
        ({"channels": 3}, CloseCode.INVALID_OPTION, "channels: 3 is neither 1 nor 2"),
        (
            {"sample_rate": 4_000},
            CloseCode.INVALID_OPTION,
            "sample_rate: 4000 Hz is outside 8000 to 192000 Hz; resample the audio first",
        ),
        (
            {"options": Options(formant=-13.0)},
            CloseCode.INVALID_OPTION,
            "formant: -13.0 is not a number of semitones from -12 to 12; 0 shifts no formant",
        ),
        (
            {"voice": "Eve"},
            CloseCode.VOICE_UNKNOWN,
            "unknown voice 'Eve'; `autovoice voices list` shows all voices",
        ),
        (
            {"options": Options(singer="Eve")},
            CloseCode.VOICE_UNKNOWN,
            "unknown voice 'Eve'; `autovoice voices list` shows all voices",
        ),
    ],
)
def test_a_hello_of_what_there_is_not_is_refused(
    voice_file: Path, changed: dict[str, Any], code: CloseCode, message: str
) -> None:
    with pytest.raises(StreamRefusal) as refusal:
        check_hello(evolve(HELLO, **changed), VoiceProfileStorage(voice_file))
    assert (refusal.value.code, refusal.value.message) == (code, message)

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_streams import refusal_of

from autovoice_core.server.stream import messages
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.messages import Flush, Gap, Hello, Options, Pong, Restart, Set

_HELLO = {"type": "hello", "voice": "iona", "sample_rate": 48_000}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (_HELLO, Hello("iona", 48_000)),
        (
            _HELLO | {"channels": 2, "format": "int16", "options": {"key": "auto", "singer": "me"}},
            Hello("iona", 48_000, 1, 2, "int16", None, Options("auto", None, None, "me")),
        ),
        (_HELLO | {"something": "of a later version"}, Hello("iona", 48_000)),
        ({"type": "set", "key": -3, "voice": "mara"}, Set("mara", -3.0)),
        ({"type": "gap", "position": 5, "samples": 7}, Gap(5, 7)),
        ({"type": "restart"}, Restart()),
        ({"type": "flush"}, Flush()),
        ({"type": "pong", "position": 0}, Pong(0)),
    ],
)
def test_a_message_is_read(fields: dict[str, Any], message: Any) -> None:
    assert messages.decode(json.dumps(fields)) == message


def _refused(text: str) -> tuple[CloseCode, str]:
    with pytest.raises(StreamRefusal) as refusal:
        messages.decode(text)
    return refusal.value.code, refusal.value.message


@pytest.mark.parametrize(
    "text", ["", "la la la", "[]", "3", '{"type": 5}', '{"type": "sing"}', "[" * 9000, '"\\ud800"']
)
def test_other_text_is_refused_with_what_is_due(text: str) -> None:
    assert _refused(text) == (
        CloseCode.UNEXPECTED_MESSAGE,
        "text must be a JSON object whose type is one of hello, set, gap, restart, flush, pong; "
        "audio is sent in binary frames",
    )


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"type": "hello"}, "hello: voice: is missing"),
        (_HELLO | {"sample_rate": "48k"}, "hello: sample_rate: expected a whole number, got text"),
        (
            _HELLO | {"format": "mp3"},
            "hello: format: 'mp3' is not one of 'float32', 'int16'",
        ),
        (
            {"type": "gap", "position": -1, "samples": 1},
            "gap: position: expected a whole number >= 0",
        ),
        (
            {"type": "gap", "position": 1, "samples": 0},
            "gap: samples: expected a whole number >= 1",
        ),
        (
            {"type": "set", "strength": True},
            "set: strength: expected a number or null, got true or false",
        ),
    ],
)
def test_a_message_with_a_wrong_field_is_refused(fields: dict[str, Any], message: str) -> None:
    assert _refused(json.dumps(fields)) == (CloseCode.BAD_MESSAGE, message)


def test_a_long_message_is_refused() -> None:
    assert _refused(" " * 16_385) == (
        CloseCode.TOO_BIG,
        "a message of JSON may have 16384 characters at most",
    )


@given(st.one_of(st.text(), st.from_regex(r'\{"type": ?"(hello|set|gap|pong)"[^}]{0,40}\}')))
def test_any_text_is_a_message_or_is_refused(text: str) -> None:
    refusal = refusal_of(lambda: messages.decode(text))
    known = (CloseCode.UNEXPECTED_MESSAGE, CloseCode.BAD_MESSAGE)
    assert refusal is None or refusal.code in known


def test_the_token_is_not_in_what_is_printed() -> None:
    assert "secret" not in repr(Hello("iona", 48_000, token="secret"))


def test_an_error_names_its_code() -> None:
    refusal = StreamRefusal(CloseCode.OUT_OF_ORDER, "where?")
    assert json.loads(messages.encode_error(refusal)) == {
        "type": "error",
        "code": 4409,
        "name": "out_of_order",
        "message": "where?",
    }

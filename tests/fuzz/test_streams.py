"""Live streams: whatever a client sends is answered, or refused with a code and one line."""

from __future__ import annotations

import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fuzzing import require_line
from hypothesis import strategies as st
from live_streams import RATE, Later, Opener, frame, sound
from mutations import mutated

from autovoice_core import VoiceProfileStorage
from autovoice_core.server.stream import frames, messages
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.hello import check_hello
from autovoice_core.server.stream.messages import Hello, Options
from autovoice_core.server.stream.packets import Packet, PacketKind, read_packet
from autovoice_core.server.stream.session import StreamSession

Fuzz = Callable[..., None]

EDITH = Path(__file__).parents[1] / "voices" / "edith.voice"
FRAMES = [frame(sound(20), 0), frame(sound(20, 2), 0, sample_format="int16")]

_odd = st.sampled_from(
    [
        *(None, True, 0, 1, -1, 2**31, 2**63, 2**64, 10**400, 0.5, 1e308, 5e-324, "auto", "Édith"),
        *("", "x" * 20_000, "\ud800", "\x1b[2J", "\u202e", "a\nb", "\0", [], {}, [[]], {"": None}),
        *(8000, 44_100, 192_000, "int16", "float32", "hello", "set", "restart", "1e999"),
    ]
)
_names = st.sampled_from(
    [
        *("type", "voice", "sample_rate", "version", "channels", "format", "token", "options"),
        *("key", "formant", "strength", "singer", "position", "samples", "unheard_of"),
    ]
)
_objects = st.dictionaries(_names, _odd | st.dictionaries(_names, _odd, max_size=3), max_size=6)
_right = st.sampled_from(
    [
        {"type": "hello", "voice": "Édith", "sample_rate": 48_000},
        {"type": "set", "key": 1},
        {"type": "gap", "position": 0, "samples": 100},
        {"type": "restart"},
        {"type": "flush"},
        {"type": "pong", "position": 0},
    ]
)
_junk = st.sampled_from(["", "{", "[]", "[" * 16_000, '{"type":"gap","position":1e999}', "null"])
_texts = st.one_of(
    st.builds(lambda right, other: json.dumps(right | other), _right, _objects),
    _right.map(json.dumps),
    _objects.map(json.dumps),
    st.text(max_size=30),
    _junk,
)
_heads = st.builds(
    lambda *values: struct.pack("<BBHIQ", *values),
    st.sampled_from([0, 1, 2, 255]),
    st.sampled_from([0, 1, 2, 255]),
    st.sampled_from([0, 1, 32_767, 32_768, 65_535]),
    st.sampled_from([0, 1, 20, 2**31, 2**32 - 1]),
    st.sampled_from([0, 1, 20, 2**63, 2**64 - 1]),
)
_frames = st.one_of(
    mutated(FRAMES, [range(16), range(16)]),
    st.builds(lambda head, rest: head + rest, _heads, st.binary(max_size=90)),
    st.binary(max_size=40),
)


def require_refusal(refusal: StreamRefusal) -> None:
    require_line(refusal)
    assert refusal.code in CloseCode
    assert len(messages.encode_error(refusal)) < messages.MAX_TEXT_BYTES


def test_a_text_of_any_client_is_a_message_or_is_refused(fuzz: Fuzz, tmp_path: Path) -> None:
    voices = VoiceProfileStorage(tmp_path / "voices.db")
    voices.import_(EDITH)

    def check(text: str) -> None:
        try:
            message = messages.decode(text)
            if isinstance(message, Hello):
                check_hello(message, voices)
        except StreamRefusal as refusal:
            require_refusal(refusal)

    fuzz(_texts, check, examples=300)


@pytest.mark.parametrize("sample_format", ["int16", "float32"])
def test_a_frame_of_any_bytes_is_sound_or_is_refused(
    fuzz: Fuzz, sample_format: frames.SampleFormat
) -> None:
    def check(content: bytes) -> None:
        for channels in (1, 2):
            try:
                found = frames.decode(content, sample_format, channels)
            except StreamRefusal as refusal:
                require_refusal(refusal)
                continue
            assert found.samples.shape[0] == channels
            assert abs(found.samples).max() <= frames.MAX_AMPLITUDE

    fuzz(_frames, check, examples=150)


def test_a_session_takes_whatever_comes_in_any_order(fuzz: Fuzz) -> None:
    turns = st.one_of(_texts, _frames, st.just("tick"), st.just("open"))
    right = st.one_of(_right.map(json.dumps), st.sampled_from(FRAMES), st.just("open"))

    def check(turned: list[Any]) -> None:
        executor = Later()
        hello = Hello("Édith", RATE, options=Options(key=1.0))
        session = StreamSession(hello, Opener(), executor)
        try:
            for number, turn in enumerate(turned):
                if turn == "open":
                    executor.run()
                elif turn == "tick":
                    list(session.tick(float(number)))
                else:
                    answers = list(session.receive(turn, float(number)))
                    assert sum(map(len, answers)) < 1_000_000
        except StreamRefusal as refusal:
            require_refusal(refusal)

    fuzz(st.lists(right | turns, max_size=12), check, examples=200)


def test_packets_of_any_bytes_are_read_or_end_the_stream(fuzz: Fuzz) -> None:
    whole = Packet(PacketKind.TEXT, b"{}").encoded() + Packet(PacketKind.TICK, time=1.0).encoded()

    def check(content: bytes) -> None:
        pipe = io.BytesIO(content)
        while (packet := read_packet(pipe)) is not None:
            assert packet.kind in PacketKind
            assert len(packet.data) <= len(content)

    fuzz(mutated([whole], [range(len(whole))]) | st.binary(max_size=40), check, examples=200)

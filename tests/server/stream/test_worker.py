"""The process of a stream, in this process: the conversion itself, with a real converter."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from live_streams import Later, audio, frame

from autovoice_core import Audio, SingingVoiceConverter, VoiceProfile, VoiceProfileStorage
from autovoice_core.server.stream.changing import ChangingStream, Singing
from autovoice_core.server.stream.packets import Packet, PacketKind
from autovoice_core.server.stream.worker import StreamOpener, serve
from autovoice_core.synthetic import truth

RATE = 8_000
HELLO = {"voice": "Ada", "sample_rate": RATE}


@pytest.fixture(scope="module")
def singing() -> Any:
    sung = truth.sing(truth.TENOR, seconds=1.2, sample_rate=RATE, seed=2).audio.numpy()
    return np.concatenate([sung, 0.5 * sung])


def start(db: Path, **changed: Any) -> Packet:
    content = {"db": str(db), "hello": HELLO | {"options": {"key": 2}} | changed}
    return Packet(PacketKind.START, json.dumps(content).encode())


def served(*packets: Packet, converter: Any = None) -> list[Packet]:
    sent: list[Packet] = []
    serve(iter(packets), sent.append, converter or SingingVoiceConverter())
    return sent


def text(**fields: Any) -> Packet:
    return Packet(PacketKind.TEXT, json.dumps(fields).encode())


def messages(packets: list[Packet]) -> Iterator[str | bytes]:
    for packet in packets:
        if packet.kind is PacketKind.AUDIO:
            yield packet.data
        elif packet.kind is PacketKind.TEXT:
            yield packet.data.decode()


@pytest.mark.parametrize(
    ("options", "channels", "size"), [({"key": 2}, 2, 441), ({"key": 0, "strength": 0.5}, 1, 80)]
)
def test_the_output_is_that_of_the_library_s_stream_to_the_bit(
    voice: VoiceProfile,
    voice_file: Path,
    singing: Any,
    options: dict[str, float],
    channels: int,
    size: int,
) -> None:
    sung = np.ascontiguousarray(singing[:channels])
    starts = range(0, sung.shape[1], size)
    frames = (frame(sung[:, begin : begin + size], begin) for begin in starts)
    sent = served(
        start(voice_file, channels=channels, options=options),
        *(Packet(PacketKind.AUDIO, data) for data in frames),
        text(type="flush"),
    )
    stream = SingingVoiceConverter().stream(voice, RATE, **options)  # type: ignore[arg-type]
    pieces = [stream.feed(Audio(sung, RATE)), stream.flush()]
    wanted = np.concatenate([piece.numpy() for piece in pieces], axis=1)
    np.testing.assert_array_equal(audio(list(messages(sent)), channels), wanted)
    assert sent[-1] == Packet(PacketKind.ENDED)
    ready = json.loads(next(messages(sent)))
    assert ready["backend"] == "reference/retrieval"
    assert ready["latency_samples"] == np.ceil(stream.latency * RATE - 1e-6)


@pytest.mark.parametrize(
    ("changed", "code", "message"),
    [
        (
            {"voice": "nobody"},
            4404,
            "unknown voice 'nobody'; `autovoice voices list` shows all voices",
        ),
        (
            {"sample_rate": 4_000},
            4422,
            "sample_rate: 4000 Hz is outside 8000 to 192000 Hz; resample the audio first",
        ),
        (
            {"options": {"key": 30}},
            4422,
            "key: 30.0 is neither 'auto', 'auto-semitone' nor a number of semitones from -24 to 24",
        ),
        (
            {"options": {"key": "auto"}},
            4422,
            "key: a stream can't know the singer's range; give semitones, for example key=0, "
            "or the singer's own profile as singer",
        ),
    ],
)
def test_what_can_t_be_sung_is_refused(
    voice_file: Path, changed: dict[str, Any], code: int, message: str
) -> None:
    [refused] = served(start(voice_file, **changed))
    assert refused.kind is PacketKind.REFUSED
    assert json.loads(refused.data) == {"code": code, "message": message}


def test_a_singer_s_own_profile_chooses_the_key(voice_file: Path) -> None:
    ready, *_ = served(start(voice_file, options={"key": "auto", "singer": "Ada"}))
    assert json.loads(ready.data)["type"] == "ready"


def test_a_fault_is_told_and_logged(voice_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    class Broken:
        def stream(self, *_: Any, **__: Any) -> None:
            raise ZeroDivisionError("of the conversion")

    with caplog.at_level(logging.ERROR):
        [refused] = served(start(voice_file), converter=Broken())
    assert json.loads(refused.data) == {
        "code": 4500,
        "message": "the stream failed; see the server's log",
    }
    assert "of the conversion" in caplog.text


def test_nothing_happens_where_the_server_goes_before_a_client_comes() -> None:
    assert served() == []


def test_a_new_stream_has_heard_enough_to_sing_as_the_old_one_did(
    voice_file: Path, singing: Any
) -> None:
    sung = np.concatenate([singing[:1], singing[:1]], axis=1)
    opener = StreamOpener(SingingVoiceConverter(), VoiceProfileStorage(voice_file), RATE)
    plain = Singing("Ada", 0.0, None, 1.0, None)
    executor = Later()
    unchanged, changed = (ChangingStream(opener, plain, RATE, 1, executor) for _ in range(2))
    before = unchanged.feed(sung)[0]
    pieces = [changed.feed(sung[:, :6_000])]
    changed.change(evolve(plain, strength=0.999))
    changed.begin_change()
    executor.run()
    change = changed.begin_change()
    pieces.append(changed.feed(sung[:, 6_000:]))
    after = np.concatenate(pieces, axis=1)[0]
    assert change is not None
    np.testing.assert_array_equal(after[: change.position], before[: change.position])
    part = slice(change.position, change.position + RATE // 4)
    error = np.mean((after[part] - before[part]) ** 2) / np.mean(before[part] ** 2)
    assert 0 < error < 1e-3

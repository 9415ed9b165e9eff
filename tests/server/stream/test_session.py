from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from live_streams import LATE, MADE_BY, RATE, Later, Opener, audio, frame, sound, texts

from autovoice_core import BackendError, InputError, StorageError
from autovoice_core.server.stream.changing import LOOKBACK_SECONDS, Singing
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.messages import Hello, Options
from autovoice_core.server.stream.session import Message, StreamSession

HELLO = Hello("iona", RATE, options=Options(key=1.0))


def opened(hello: Hello = HELLO, **named: Any) -> StreamSession:
    return StreamSession(hello, named.get("opener", Opener()), named.get("executor", Later()))


def sent(session: StreamSession, message: Message | dict[str, Any], at: float = 0.0) -> list[Any]:
    given = json.dumps(message) if isinstance(message, dict) else message
    return list(session.receive(given, at))


def refusal_of(session: StreamSession, message: Message | dict[str, Any]) -> tuple[int, str]:
    with pytest.raises(StreamRefusal) as refusal:
        sent(session, message)
    return refusal.value.code, refusal.value.message


def test_the_answer_to_the_hello_declares_latency_block_and_credit() -> None:
    assert json.loads(opened(evolve(HELLO, channels=2)).ready()) == {
        "type": "ready",
        "version": 1,
        "epoch": 0,
        "latency_samples": LATE,
        "block_samples": 160,
        "credit_samples": RATE,
        "output_channels": 2,
        "backend": "test/scaled",
        "made_by": [
            {
                "operation": MADE_BY.operation,
                "backend": MADE_BY.backend,
                "distribution": MADE_BY.distribution,
                "device": MADE_BY.device,
                "dtype": MADE_BY.dtype,
                "settings": {},
            }
        ],
    }


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StorageError("unknown voice"), CloseCode.VOICE_UNKNOWN),
        (InputError("key: too high"), CloseCode.INVALID_OPTION),
        (BackendError("broken"), CloseCode.FAILED),
    ],
)
def test_what_can_t_be_opened_is_told_by_its_code(error: Exception, code: CloseCode) -> None:
    with pytest.raises(StreamRefusal) as refusal:
        opened(opener=Opener(error=lambda _: error))
    assert (refusal.value.code, refusal.value.message) == (code, str(error))

    def only_the_first(singing: Singing) -> Exception | None:
        return None if singing.key == 1.0 else error

    executor = Later()
    session = opened(opener=Opener(error=only_the_first), executor=executor)
    sent(session, {"type": "set", "key": 2})
    executor.run()
    assert refusal_of(session, frame(sound(10), 0)) == (code, str(error))


def test_a_gap_is_silence_in_its_place() -> None:
    session, singing = opened(), sound(3_000)
    answers = sent(session, frame(singing[:, :1_000], 0))
    answers += sent(session, {"type": "gap", "position": 1_000, "samples": 500})
    answers += sent(session, frame(singing[:, 1_500:], 1_500))
    answers += sent(session, {"type": "flush"})
    singing[:, 1_000:1_500] = 0.0
    np.testing.assert_array_equal(audio(answers), singing)
    assert texts(answers, "end") == [{"type": "end", "position": 3_000}]
    assert session.has_ended


def test_after_a_restart_old_frames_are_dropped_and_numbers_begin_at_0() -> None:
    session = opened()
    sent(session, frame(sound(5_000), 0))
    assert texts(sent(session, {"type": "restart"})) == [{"type": "restarted", "epoch": 1}]
    assert sent(session, frame(sound(100), 5_000, epoch=0)) == []
    singing = sound(RATE, seed=8)
    answers = sent(session, frame(singing, 0, epoch=1)) + sent(session, {"type": "flush"})
    np.testing.assert_array_equal(audio(answers), singing)
    assert answers[0][2:4] == b"\x01\x00"


def test_epochs_go_round() -> None:
    session = opened()
    session._epoch = 2**16 - 1
    assert texts(sent(session, {"type": "restart"})) == [{"type": "restarted", "epoch": 0}]
    assert sent(session, frame(sound(10), 7, epoch=2**16 - 1)) == []
    assert refusal_of(session, frame(sound(10), 0, epoch=1)) == (
        CloseCode.OUT_OF_ORDER,
        "frame: epoch 1 has not begun; it is 0",
    )


def test_a_change_under_way_at_a_restart_holds_from_its_first_sample() -> None:
    session = opened()
    assert texts(sent(session, {"type": "set", "key": 2, "formant": -1})) == []
    answers = texts(sent(session, {"type": "restart"}))
    assert [each["type"] for each in answers] == ["restarted", "changed"]
    assert answers[1] == {
        "type": "changed",
        "position": 0,
        "samples": 0,
        "voice": "iona",
        "key": 2.0,
        "formant": -1.0,
        "strength": None,
    }
    np.testing.assert_array_equal(audio(sent(session, frame(np.ones((1, 800), "f4"), 0, 1))), 2.0)


def test_a_change_is_announced_before_it_is_heard() -> None:
    executor = Later()
    session = opened(executor=executor)
    sent(session, frame(sound(100), 0))
    sent(session, {"type": "set", "key": 2})
    executor.run()
    [change] = texts(sent(session, frame(sound(100), 100)), "changed")
    assert change["position"] == 100 + LOOKBACK_SECONDS * RATE
    assert (change["samples"], change["key"]) == (160, 2.0)


def test_a_change_to_what_is_sung_is_answered_too() -> None:
    session = opened()
    [change] = texts(sent(session, {"type": "set", "voice": "iona"}))
    assert (change["type"], change["position"], change["samples"]) == ("changed", 0, 0)


def test_credit_grows_with_what_was_converted_and_holds() -> None:
    session = opened()
    answers = sent(session, frame(sound(RATE), 0))
    assert texts(answers) == [{"type": "credit", "samples": 2 * RATE}]
    assert refusal_of(session, frame(sound(RATE + 1), RATE)) == (
        CloseCode.OVER_CREDIT,
        f"frame: it ends at {2 * RATE + 1}, beyond the credit of {2 * RATE} samples; wait for more",
    )
    session = opened()
    assert refusal_of(session, {"type": "gap", "position": 0, "samples": 2**62}) == (
        CloseCode.OVER_CREDIT,
        f"gap: it ends at {2**62}, beyond the credit of {RATE} samples; wait for more",
    )


@pytest.mark.parametrize("position", [0, 99, 101, 2**63])
def test_audio_out_of_order_is_refused(position: int) -> None:
    session = opened()
    sent(session, frame(sound(100), 0))
    assert refusal_of(session, frame(sound(10), position)) == (
        CloseCode.OUT_OF_ORDER,
        f"frame: position {position} is not 100, where the last one ended; declare what is left "
        "out as a gap",
    )


def test_a_second_hello_is_refused() -> None:
    hello = {"type": "hello", "voice": "iona", "sample_rate": RATE}
    assert refusal_of(opened(), hello) == (
        CloseCode.BAD_MESSAGE,
        "hello: it was said already; open another stream",
    )


def test_pings_and_statistics_come_by_the_clock_and_tell_the_round_trip_in_samples() -> None:
    session = opened()
    sent(session, frame(sound(2_000), 0))
    kinds = [each["type"] for each in texts(list(session.tick(100.0)))]
    assert kinds == ["ping", "statistics"]
    assert list(session.tick(100.9)) == []
    [ping] = texts(list(session.tick(101.0)))
    assert ping == {"type": "ping", "position": 1_440}
    sent(session, frame(sound(1_000), 2_000))
    sent(session, {"type": "pong", "position": ping["position"]})
    [statistics] = texts(list(session.tick(102.0)), "statistics")
    assert statistics["position"] == 2_400
    assert statistics["round_trip_samples"] == 2_400 - 1_440
    assert statistics["late_blocks"] == 2  # as they are said to have arrived long ago
    assert set(statistics["processing_ms"]) == {"p50", "p95", "p99"}


@pytest.mark.parametrize("sample_format", ["int16", "float32"])
def test_output_comes_in_the_format_and_channels_of_the_input(sample_format: Any) -> None:
    session = opened(evolve(HELLO, channels=2, format=sample_format))
    singing = np.rint(sound(2_000, 2) * 32_768) / np.float32(32_768)
    data = frame(singing, 0, sample_format=sample_format)
    [answer] = [each for each in sent(session, data) if isinstance(each, bytes)]
    assert answer[16:] == data[16:][: len(answer) - 16]
    assert answer[:4] == data[:4]

"""Live streams over sockets: hello, time limits, credit, slow readers and ends."""

from __future__ import annotations

import json
import socket as sockets
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
import pytest
from live_servers import HELLO, ThreadProcess, begun, ending, fast_server, heard, say, socket_to
from live_streams import LATE, RATE, audio, frame, sound, texts
from server_clients import request
from waiting import wait_until
from websockets.exceptions import ConnectionClosed

from autovoice_core.server.settings import Settings
from autovoice_core.server.stream import outbox
from autovoice_core.server.stream.frames import MAX_FRAME_BYTES


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        folder = tmp_path_factory.mktemp("server")
        yield stack.enter_context(fast_server(folder, monkeypatch, streams=3))


def test_as_much_comes_back_as_was_sung_and_the_stream_ends_by_itself(server: Settings) -> None:
    singing = sound(3_000, 2)
    with socket_to(server) as socket:
        ready = begun(socket, channels=2)
        assert (ready["latency_samples"], ready["credit_samples"]) == (LATE, RATE)
        for start in range(0, 3_000, ready["block_samples"]):
            socket.send(frame(singing[:, start : start + ready["block_samples"]], start))
        say(socket, type="flush")
        messages = heard(socket)
    np.testing.assert_array_equal(audio(messages, 2), singing)
    assert texts(messages)[-1] == {"type": "end", "position": 3_000}
    assert socket.close_code == 1000


def test_voice_and_key_change_while_singing(server: Settings) -> None:
    with socket_to(server) as socket:
        begun(socket)
        socket.send(frame(np.ones((1, 500), np.float32), 0))
        say(socket, type="set", key=3)
        messages = heard(socket, "changed")
        [change] = texts(messages, "changed")
        socket.send(frame(np.ones((1, change["position"] + LATE), np.float32), 500))
        say(socket, type="flush")
        whole = audio(messages + heard(socket))[0]
    assert (whole[: change["position"]] == 1.0).all()
    assert (whole[change["position"] + change["samples"] :] == 3.0).all()
    assert np.abs(np.diff(whole)).max() < 2 * 2.0 / change["samples"]


@pytest.mark.parametrize(
    ("first", "code", "name"),
    [
        ("", 1003, "unexpected_message"),
        ("hello", 1003, "unexpected_message"),
        ("[" * 9_000, 1003, "unexpected_message"),
        (b"\x00" * 40, 4400, "bad_message"),
        ('{"type": "flush"}', 4400, "bad_message"),
        ('{"type": "hello"}', 4400, "bad_message"),
        (json.dumps(HELLO | {"version": 9}), 4400, "bad_message"),
        (json.dumps(HELLO | {"channels": 9}), 4422, "invalid_option"),
        (json.dumps(HELLO | {"sample_rate": 4_000}), 4422, "invalid_option"),
        (json.dumps(HELLO | {"options": {"key": 30}}), 4422, "invalid_option"),
        (json.dumps(HELLO | {"voice": "nobody"}), 4404, "voice_unknown"),
        (json.dumps(HELLO | {"voice": "../../etc/passwd"}), 4404, "voice_unknown"),
        (" " * 20_000, 1009, "too_big"),
        (b"\x00" * (MAX_FRAME_BYTES + 1), 1009, "too_big"),
    ],
)
def test_a_hello_that_is_none_is_answered_by_its_code_and_costs_no_process(
    server: Settings, first: str | bytes, code: int, name: str
) -> None:
    processes = len(ThreadProcess.all)
    with socket_to(server) as socket:
        socket.send(first)
        closed, error = ending(socket)
    assert (closed, error["type"], error["code"], error["name"]) == (code, "error", code, name)
    assert error["message"]
    assert socket.close_reason == name
    assert len(ThreadProcess.all) == processes


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("la la la", 1003),
        ('{"type": "gap", "position": 0}', 4400),
        (b"\x01\x02", 4400),
        (frame(np.full((1, 5), np.nan, np.float32), 0), 4400),
        (frame(sound(5), 1), 4409),
        (frame(sound(RATE + 1), 0), 4410),
        (b"\x01\x02" + bytes(MAX_FRAME_BYTES), 1009),
        (json.dumps(HELLO), 4400),
    ],
)
def test_one_who_misbehaves_is_closed_and_no_one_else(
    server: Settings, message: str | bytes, code: int
) -> None:
    singing = sound(1_000)
    with socket_to(server) as good, socket_to(server) as bad:
        begun(good)
        begun(bad)
        good.send(frame(singing[:, :500], 0))
        bad.send(message)
        closed, error = ending(bad)
        assert (closed, error["code"]) == (code, code)
        good.send(frame(singing[:, 500:], 500))
        say(good, type="flush")
        np.testing.assert_array_equal(audio(heard(good)), singing)
    assert good.close_code == 1000


def test_a_message_that_uvicorn_refuses_is_too_big_too(server: Settings) -> None:
    with socket_to(server) as socket:
        begun(socket)
        socket.send(bytes(server.limits.message_bytes + 1))
        assert ending(socket)[0] == 1009


def test_more_streams_than_may_be_are_refused_until_one_has_gone(server: Settings) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            begun(stack.enter_context(socket_to(server)))
        with socket_to(server) as socket:
            say(socket, **HELLO)
            code, error = ending(socket)
        assert (code, error["message"]) == (
            4429,
            "3 streams are open, as many as may be; try again later",
        )
    wait_until(lambda: b"\nautovoice_streams 0.0\n" in request(server, "GET", "/metrics").body)
    with socket_to(server) as socket:
        begun(socket)


def test_who_vanishes_leaves_nothing_behind(server: Settings) -> None:
    with socket_to(server) as socket:
        begun(socket)
        process = ThreadProcess.latest()
        socket.send(frame(sound(500), 0))
        socket.socket.shutdown(sockets.SHUT_RDWR)
    wait_until(lambda: not process.is_running)


def test_figures_are_counted(server: Settings) -> None:
    def samples() -> float:
        lines = request(server, "GET", "/metrics").body.decode().splitlines()
        [line] = [each for each in lines if each.startswith("autovoice_stream_samples_total ")]
        return float(line.split()[1])

    before = samples()
    with socket_to(server) as socket:
        begun(socket)
        socket.send(frame(sound(700), 0))
        wait_until(lambda: samples() == before + 700)


def test_a_ping_carries_a_position(server: Settings) -> None:
    with socket_to(server) as socket:
        begun(socket)
        assert texts(heard(socket, "ping"))[-1] == {"type": "ping", "position": 0}
        say(socket, type="pong", position=0)


def test_a_hello_that_does_not_come_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fast_server(tmp_path, monkeypatch, hello_seconds=0.2) as server, socket_to(server) as one:
        code, error = ending(one)
    assert (code, error["message"]) == (4408, "no hello came within 0.2 s of the connection")


def test_pongs_alone_don_t_keep_a_stream_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fast_server(tmp_path, monkeypatch, idle_seconds=0.7) as server, socket_to(server) as one:
        begun(one)
        heard(one, "ping")
        with suppress(ConnectionClosed):  # on a machine that is slower than that
            say(one, type="pong", position=0)
        code, error = ending(one)
    assert (code, error["message"]) == (4408, "neither audio nor a gap came for 0.7 s")


def test_the_token_opens_a_stream_in_the_hello_or_the_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fast_server(tmp_path, monkeypatch, token="Zitrone" * 5) as server:
        for wrong in (None, "", "Zitrone", "é" * 35):
            with socket_to(server) as socket:
                say(socket, **HELLO, token=wrong)
                assert ending(socket)[0] == 4401
        with socket_to(server) as socket:
            begun(socket, token="Zitrone" * 5)
        bearer = {"Authorization": "Bearer " + "Zitrone" * 5}
        with socket_to(server, additional_headers=bearer) as socket:
            begun(socket)


def test_the_server_says_goodbye(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        with fast_server(tmp_path, monkeypatch) as server:
            socket = stack.enter_context(socket_to(server))
            begun(socket)
        code, last = ending(socket)
    assert (code, last) == (1001, {"type": "goodbye", "reason": "the server is about to end"})


def test_one_who_does_not_read_is_closed_and_takes_no_memory(
    server: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MAX_WAITING_BYTES", 300_000)
    plain = sockets.socket()
    plain.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
    plain.connect((server.host, server.port))
    with socket_to(server, sock=plain, max_queue=1) as socket:
        rate, position, closed = 192_000, 0, False
        begun(socket, sample_rate=rate)
        process = ThreadProcess.latest()
        singing = sound(60_000)
        while not closed and position < 100 * rate:
            socket.send(frame(singing, position))
            position += singing.shape[1]
            wait_until(lambda: process.fed >= position or not process.is_running)  # noqa: B023
            closed = not process.is_running
        assert closed
        assert ending(socket)[0] == 4413

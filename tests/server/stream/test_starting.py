"""Live streams whose process takes its time to start."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from live_servers import FastConverter, ThreadProcess, begun, fast_server, heard, socket_to
from live_streams import Scaled

from autovoice_core.server.stream import connection
from autovoice_core.server.stream.packets import Packet, PacketKind


def test_no_ticks_pile_up_while_a_stream_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[PacketKind] = []
    sent_at_start: list[PacketKind] = []
    send, open_stream = ThreadProcess.send, FastConverter.stream

    def noted_send(process: ThreadProcess, packet: Packet) -> None:
        sent.append(packet.kind)
        send(process, packet)

    def slow_stream(*arguments: Any, **options: Any) -> Scaled:
        time.sleep(0.1)
        sent_at_start.extend(sent)
        return open_stream(*arguments, **options)

    monkeypatch.setattr(connection, "TICK_SECONDS", 0.005)
    monkeypatch.setattr(ThreadProcess, "send", noted_send)
    monkeypatch.setattr(FastConverter, "stream", slow_stream)
    with fast_server(tmp_path, monkeypatch) as server, socket_to(server) as socket:
        begun(socket)
        heard(socket, "ping")
    assert set(sent_at_start) == {PacketKind.START}
    assert PacketKind.TICK in sent

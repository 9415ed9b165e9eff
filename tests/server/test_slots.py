"""How many may hold something large at once, and for how long."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import pytest
from server_clients import exchange, request, running_server, settings_in

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.server.errors import ApiError
from autovoice_core.server.routes.voices import MAX_EXPORTS
from autovoice_core.server.slots import Slots


def test_one_too_many_is_told_to_come_again() -> None:
    slots = Slots(1, "voices")
    with slots.taken():
        with pytest.raises(ApiError) as caught, slots.taken():
            pass
        assert caught.value.status == 429
        assert caught.value.message == "too many voices are on their way; try again in a moment"
        assert caught.value.headers == {"Retry-After": "2"}
    with slots.taken():
        pass


def test_those_who_read_no_voice_hold_only_so_many_in_memory(tmp_path: Path) -> None:
    """And only for as long as a client may read nothing."""
    large = {"frames": np.zeros((1000, 2000), np.float32)}
    limits = {"streams": 0, "stalled_seconds": 0.5}
    given = settings_in(tmp_path, limits=limits)
    VoiceProfileStorage(given.db).add(
        VoiceProfile("Ada", large, "retrieval/1", (100.0, 200.0, 300.0), -20, 9, ())
    )
    with running_server(given) as server, ExitStack() as stack:
        head = f"GET /v1/voices/Ada/export HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n"
        for _ in range(MAX_EXPORTS):
            connection = stack.enter_context(closing(socket.socket()))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(20)
            connection.connect((server.host, server.port))
            connection.sendall(head.encode())
            assert connection.recv(12) == b"HTTP/1.1 200"
        last = exchange(server, head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n").encode())
        assert last.status == 429
        deadline = time.monotonic() + 60
        while last.status == 429 and time.monotonic() < deadline:
            time.sleep(0.1)
            last = request(server, "GET", "/v1/voices/Ada/export")
        assert (last.status, len(last.body) > 8_000_000) == (200, True)

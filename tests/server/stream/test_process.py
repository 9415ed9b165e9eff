"""Processes of streams: the whole way from a WAV file to a WAV file, and processes that fail."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import subprocess
import sys
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from server_clients import running_server, settings_in
from song_fixtures import ROOT
from waiting import PATIENCE

from autovoice_core import Audio, SingingVoiceConverter, VoiceProfile
from autovoice_core.server.stream import process as module
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.packets import Packet, PacketKind
from autovoice_core.server.stream.process import StreamProcess
from autovoice_core.synthetic import truth

RATE = 8_000


def test_the_example_converts_a_file_as_the_library_does(
    tmp_path: Path, voice: VoiceProfile, voice_file: Path
) -> None:
    sung = truth.sing(truth.TENOR, seconds=1.0, sample_rate=RATE, seed=2).audio.numpy()
    integers = np.rint(sung[0] * 32_767).astype("<i2")
    source, result = tmp_path / "song.wav", tmp_path / "converted.wav"
    with wave.open(str(source), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(integers.tobytes())
    with running_server(settings_in(tmp_path, db=voice_file, limits={"streams": 1})) as server:
        url = f"ws://127.0.0.1:{server.port}/v1/stream"
        command = [sys.executable, str(ROOT / "examples" / "stream_client.py"), url]

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [*command, *arguments],
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )

        done = run("Ada", str(source), str(result), "--key", "2")
        refused = run("nobody", str(source), str(tmp_path / "never.wav"))
    assert (done.returncode, done.stderr) == (0, "")
    assert refused.returncode == 1
    assert refused.stderr.startswith("voice_unknown: unknown voice 'nobody'")
    assert not (tmp_path / "never.wav").exists()
    stream = SingingVoiceConverter().stream(voice, RATE, key=2.0)
    fed = Audio(integers[None] / np.float32(32_768), RATE)
    wanted = np.concatenate([stream.feed(fed).numpy(), stream.flush().numpy()], axis=1)[0]
    with wave.open(str(result)) as file:
        assert file.getparams()[:4] == (1, 2, RATE, integers.size)
        found = np.frombuffer(file.readframes(integers.size), "<i2")
    np.testing.assert_array_equal(found, np.clip(np.rint(wanted * 32_768), -32_768, 32_767))


@contextmanager
def refused() -> Iterator[StreamRefusal]:
    """Yield a refusal that becomes the one that is raised inside."""
    found = StreamRefusal(CloseCode.END, "")
    with pytest.raises(StreamRefusal) as refusal:
        yield found
    found.code, found.message = refusal.value.code, refusal.value.message


def start(db: Path) -> Packet:
    hello = {"voice": "Ada", "sample_rate": RATE}
    return Packet(PacketKind.START, json.dumps({"db": str(db), "hello": hello}).encode())


def test_a_process_that_dies_fails_its_own_stream_alone(voice_file: Path) -> None:
    async def run() -> None:
        dying, living = [await StreamProcess.start(voice_file) for _ in range(2)]
        try:
            for each in (dying, living):
                each.send(start(voice_file))
                ready = await each.receive(PATIENCE)
                assert json.loads(ready.data)["type"] == "ready"
            os.kill(dying._process.pid, signal.SIGKILL)
            with refused() as refusal:
                await dying.receive(PATIENCE)
            assert (refusal.code, refusal.message) == (
                CloseCode.FAILED,
                "the stream's process has died; open another stream",
            )
            living.send(Packet(PacketKind.TEXT, b'{"type": "flush"}'))
            assert (await living.receive(PATIENCE)).kind is PacketKind.TEXT
            assert (await living.receive(PATIENCE)).kind is PacketKind.ENDED
        finally:
            await dying.stop()
            await living.stop()

    asyncio.run(run())


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="processes can't be stopped here")
def test_a_process_that_is_stuck_is_given_up_and_nothing_heaps_up_for_it(
    voice_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_BACKLOG_BYTES", 500_000)

    async def run() -> None:
        stuck = await StreamProcess.start(voice_file)
        try:
            os.kill(stuck._process.pid, signal.SIGSTOP)
            stuck.send(start(voice_file))
            with refused() as refusal:
                await stuck.receive(0.05)
            assert (refusal.code, refusal.message) == (
                CloseCode.FAILED,
                "the stream was stuck for 0.05 s; open another one",
            )
            with refused() as refusal:
                for _ in range(20):
                    stuck.send(Packet(PacketKind.AUDIO, bytes(50_000)))
            assert (refusal.code, refusal.message) == (
                CloseCode.OVER_CREDIT,
                "more was sent than the credit allows; wait for credit",
            )
        finally:
            await stuck.stop()

    asyncio.run(run())


def test_a_stream_that_ends_before_all_was_read_leaves_no_error_behind(voice_file: Path) -> None:
    left: list[dict[str, Any]] = []

    async def run() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: left.append(context))
        process = await StreamProcess.start(voice_file)
        process.send(Packet(PacketKind.AUDIO, bytes(1_000_000)))  # more than a pipe holds
        await process.stop()

    asyncio.run(run())
    gc.collect()  # errors that nobody took are told by then
    assert left == []


def test_a_process_ends_when_its_server_is_gone(voice_file: Path) -> None:
    async def run() -> Any:
        orphan = await StreamProcess.start(voice_file)
        try:
            orphan.send(start(voice_file))
            await orphan.receive(PATIENCE)
            assert orphan._process.stdin is not None
            orphan._process.stdin.close()
            async with asyncio.timeout(PATIENCE):
                return await orphan._process.wait()
        finally:
            await orphan.stop()

    assert asyncio.run(run()) == 0

"""A server under load: live streams in real time, a queue of jobs, idle and broken connections.

``python benchmarks/load.py --voice NAME --db FILE [--song FILE] [--streams N] [--seconds S]
[--jobs N] [--changes] [--idle N] [--bad N] [--rush] [--rate HZ]``

Starts ``autovoice serve`` on a free port. Each stream sends the song, or a synthetic one, in blocks
of the server's length by the clock, as a sound card would, and plays what comes back: sample n is
due the declared latency, one block and a buffer of 20 ms after it was sung. Late samples are
underruns. Meanwhile jobs convert the song, one after the other, so that some always wait.
``--changes`` changes the key of each every 2 s, ``--idle`` holds connections open that
say nothing, ``--bad`` makes as many that are refused, one after the other, and ``--rush`` sends
without a clock, as much as the credit allows, to see what an hour does to memory in minutes.

"Added" is the time from the singing of a sample to the arrival of its conversion, less the latency
that the server declared: block, conversion, queues and sockets. Block times are the server's own.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

import arguments
import numpy as np
from served import Server
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from autovoice_core import Audio, VoiceProfileStorage
from autovoice_core.testing import truth

HEADER = struct.Struct("<BBHIQ")
BUFFER_SECONDS = 0.02


class Singer:
    """One stream: what it sends, when what came back arrived, and what the server said of it."""

    def __init__(self, sound: np.ndarray, rate: int) -> None:
        self.sound, self.rate, self.came = sound, rate, 0
        self.arrivals: list[tuple[int, float]] = []  # position of the last sample, time
        self.statistics: dict[str, Any] = {}
        self.changed = 0
        self.end = "no close"

    async def sing(self, port: int, voice: str, seconds: float, options: Any) -> None:
        """Open a stream, send for so many seconds, and end it."""
        async with connect(f"ws://127.0.0.1:{port}/v1/stream", max_size=None) as socket:
            hello = {"type": "hello", "version": 1, "voice": voice, "sample_rate": self.rate}
            await socket.send(json.dumps(hello))
            self.ready = json.loads(await socket.recv())
            self.credit, self.may_send = self.ready["credit_samples"], asyncio.Event()
            listening = asyncio.create_task(self.listen(socket))
            try:
                await self.send(socket, round(seconds * self.rate), options)
                await socket.send('{"type": "flush"}')
            except ConnectionClosed:
                pass
            await listening
            self.end = f"{socket.close_code} {socket.close_reason}"

    async def send(self, socket: ClientConnection, total: int, options: Any) -> None:
        """Send so many samples, by the clock and the credit."""
        block, position = self.ready["block_samples"], 0
        self.began = time.monotonic()
        changes = 0
        while position < total:
            count = min(block, total - position)
            if not options.rush:
                due = self.began + (position + count) / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))
            while position + count > self.credit:
                self.may_send.clear()
                await self.may_send.wait()
            part = np.take(self.sound, range(position, position + count), mode="wrap")
            header = HEADER.pack(1, 2, self.ready["epoch"], count, position)
            await socket.send(header + part.tobytes())
            position += count
            if options.changes and position // (2 * self.rate) > changes:
                changes += 1
                await socket.send(json.dumps({"type": "set", "key": [3, 0, -2][changes % 3]}))

    async def listen(self, socket: ClientConnection) -> None:
        """Take what the server sends, until it closes."""
        async for message in socket:
            if isinstance(message, bytes):
                _, _, _, frames, position = HEADER.unpack_from(message)
                assert position == self.came, "a gap that was not declared"
                self.came += frames
                self.arrivals.append((self.came, time.monotonic()))
                continue
            fields = json.loads(message)
            match fields["type"]:
                case "ping":
                    pong = {"type": "pong", "position": fields["position"]}
                    await socket.send(json.dumps(pong))
                case "credit":
                    self.credit = fields["samples"]
                    self.may_send.set()
                case "statistics":
                    self.statistics = fields
                case "changed":
                    self.changed += 1
                case "error":
                    print("refused:", fields["message"])

    def figures(self) -> dict[str, Any]:
        """Return what became of the stream."""
        positions, times = np.array(self.arrivals).T
        first = np.append(0, positions[:-1])  # of what arrives at once, it is due first
        block = self.ready["block_samples"] / self.rate
        added = times - self.began - (first + self.ready["latency_samples"]) / self.rate
        return {
            "end": self.end,
            "samples": self.came,
            "underruns": int(np.sum(added > block + BUFFER_SECONDS)),
            "added_ms": percentiles(1000 * added),
            "latest_at_s": round(float(times[np.argmax(added)] - self.began), 1),
            "block_ms": self.statistics.get("processing_ms"),
            "late_blocks": self.statistics.get("late_blocks"),
            "changed": self.changed,
        }


def percentiles(values: np.ndarray) -> dict[str, float]:
    """Return the median, and how high the highest are."""
    found = np.percentile(values, [50, 95, 99, 100])
    return dict(zip(("p50", "p95", "p99", "max"), np.round(found, 1).tolist(), strict=True))


def tally(codes: list[Any]) -> str:
    """Return how often each code occurs, in words."""
    return ", ".join(f"{codes.count(code)} closed with {code}" for code in sorted(set(codes)))


async def hold_idle(port: int, count: int) -> str:
    """Open connections that say nothing; return how the server ended them, by code."""

    async def one() -> int | None:
        async with connect(f"ws://127.0.0.1:{port}/v1/stream") as socket:
            await socket.wait_closed()
            return socket.close_code

    codes = await asyncio.gather(*(one() for _ in range(count)))
    return tally(codes)


async def make_bad(port: int, count: int) -> str:
    """Make connections that are refused, one after the other; return how, by code."""
    nobody = {"type": "hello", "voice": "nobody", "sample_rate": 48_000}
    hellos = [
        *("x", json.dumps(nobody), "{}", '{"type":"hello"}', "[" * 9000),
        b"\x00" * 40,
        '{"type":"flush"}',
    ]
    codes: list[Any] = []
    for i in range(count):
        try:
            async with connect(f"ws://127.0.0.1:{port}/v1/stream") as socket:
                await socket.send(hellos[i % len(hellos)])
                await socket.wait_closed()
                codes.append(socket.close_code)
        except InvalidStatus as refused:
            codes.append(refused.response.status_code)
    return tally(codes)


async def watch(server: Server, memory: list[float]) -> None:
    """Note the memory of the server and of its streams every second."""
    while True:
        memory.append(server.megabytes())
        await asyncio.sleep(1.0)


async def measure(server: Server, options: Any) -> dict[str, Any]:
    """Return the figures of everything that runs at once."""
    song = Audio.load(options.song) if options.song else truth.song(30.0).mixture
    rate = options.rate
    sound = np.ascontiguousarray(song.mono().resample(rate).numpy()[0])
    if options.jobs:
        with tempfile.TemporaryDirectory() as folder:
            song.save(path := Path(folder) / "song.flac")
            server.request("PUT", "/uploads/song-of-load", path.read_bytes())
        job = {"kind": "convert", "source": {"upload": "song-of-load"}, "voice": options.voice}
        for _ in range(options.jobs):
            server.request("POST", "/jobs", job | {"options": {"key": 0}})
    memory: list[float] = []
    watching = asyncio.create_task(watch(server, memory))
    singers = [Singer(np.roll(sound, i * rate), rate) for i in range(options.streams)]
    tasks = [
        singer.sing(server.port, options.voice, options.seconds, options) for singer in singers
    ]
    _, idle, bad = await asyncio.gather(
        asyncio.gather(*tasks),
        hold_idle(server.port, options.idle),
        make_bad(server.port, options.bad),
    )
    watching.cancel()
    quarter = len(memory) // 4
    jobs = await asyncio.to_thread(server.request, "GET", "/jobs")
    states = [job["state"] for job in jobs["jobs"]]
    return {
        "streams": [singer.figures() for singer in singers],
        "jobs": {state: states.count(state) for state in sorted(set(states))},
        "idle": idle,
        "bad": bad,
        "memory_mb": {
            "second quarter": max(memory[quarter : 2 * quarter], default=0.0),
            "last quarter": max(memory[-quarter:], default=0.0),
        },
        "closed": server.metric("streams_closed_total"),
    }


def main() -> None:
    """Start a server, put it under load, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--voice", required=True)
    parser.add_argument("--db", type=arguments.existing, required=True)
    parser.add_argument("--song", type=arguments.sound)
    parser.add_argument("--streams", type=arguments.count, default=3)
    parser.add_argument("--seconds", type=arguments.seconds, default=60.0)
    parser.add_argument("--jobs", type=int, default=8)
    parser.add_argument("--idle", type=int, default=0)
    parser.add_argument("--bad", type=int, default=0)
    parser.add_argument("--rate", type=arguments.count, default=44_100)
    parser.add_argument("--changes", action="store_true")
    parser.add_argument("--rush", action="store_true")
    options = parser.parse_args()
    with arguments.usage_errors(parser), VoiceProfileStorage(options.db) as stored:
        stored.get(options.voice)
    with tempfile.TemporaryDirectory() as folder:
        server = Server(options.db, Path(folder))
        try:
            figures = asyncio.run(measure(server, options))
        finally:
            server.stop()
    for name, value in figures.items():
        for line in value if isinstance(value, list) and name == "streams" else [value]:
            print(f"{name}: {line}")


if __name__ == "__main__":
    main()

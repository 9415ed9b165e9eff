"""Converts a WAV file (16 bit, mono or stereo) through the live stream of a server.

    pip install websockets
    python stream_client.py ws://127.0.0.1:8765/v1/stream iona song.wav converted.wav --key 12

The protocol is described in docs/server-stream.md.
"""

from __future__ import annotations

import argparse
import json
import struct
import wave

from websockets.sync.client import ClientConnection, connect

HEADER = struct.Struct("<BBHIQ")  # kind, format, epoch, frames, position
AUDIO, INT16 = 1, 1


def received(socket: ClientConnection, timeout: float | None) -> dict | bytes | None:
    """Return the next message, or None if there is none yet; raise where the server refuses."""
    try:
        message = socket.recv(timeout)
    except TimeoutError:
        return None
    if isinstance(message, bytes):
        return message
    fields = json.loads(message)
    if fields["type"] == "error":
        raise SystemExit(f"{fields['name']}: {fields['message']}")
    if fields["type"] == "ping":
        socket.send(json.dumps({"type": "pong", "position": fields["position"]}))
    return fields


def convert(socket: ClientConnection, hello: dict, sound: bytes) -> bytes:
    """Return ``sound``, interleaved samples of 16 bit, in another voice."""
    socket.send(json.dumps({"type": "hello", "version": 1, "format": "int16", **hello}))
    ready = received(socket, None)
    size, credit, position = 2 * hello["channels"], ready["credit_samples"], 0
    converted, flushed = bytearray(), False
    while True:
        block = sound[position * size : (position + ready["block_samples"]) * size]
        frames = len(block) // size
        may_send = frames and position + frames <= credit
        if may_send:
            socket.send(HEADER.pack(AUDIO, INT16, ready["epoch"], frames, position) + block)
            position += frames
        elif not frames and not flushed:
            socket.send(json.dumps({"type": "flush"}))
            flushed = True
        # Read all the time: what is not read makes the server close the stream.
        message = received(socket, 0 if may_send else None)
        if isinstance(message, bytes):
            converted += message[HEADER.size :]
        elif message and message["type"] == "credit":
            credit = message["samples"]
        elif message and message["type"] == "end":
            return bytes(converted)


def read_wav(path: str) -> tuple[wave._wave_params, bytes]:
    """Return the form and the samples of a WAV file of 16 bit; end the program with a line."""
    try:
        with wave.open(path) as source:
            form, sound = source.getparams(), source.readframes(source.getnframes())
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from error
    except (EOFError, wave.Error) as error:
        raise SystemExit(
            f"{path}: {str(error) or 'it is cut off'}; give a WAV file of 16 bit"
        ) from error
    if form.sampwidth != 2:
        raise SystemExit(f"{path}: give a WAV file of 16 bit")
    return form, sound


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Convert a WAV file through a server.")
    for name in ("url", "voice", "source", "result"):
        parser.add_argument(name)
    parser.add_argument("--key", type=float, default=0.0, help="semitones")
    given = parser.parse_args()
    form, sound = read_wav(given.source)
    hello = {"voice": given.voice, "options": {"key": given.key}}
    hello |= {"sample_rate": form.framerate, "channels": form.nchannels}
    with connect(given.url, max_size=None) as socket:
        converted = convert(socket, hello, sound)
    with wave.open(given.result, "wb") as result:
        result.setparams(form)
        result.writeframes(converted)

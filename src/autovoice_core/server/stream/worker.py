"""The process of one live stream: reads packets from its input, writes packets to its output.

It is started before its client comes, and imports and compiles meanwhile. It ends with its stream,
or when the server is gone.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from autovoice_core._errors import AutoVoiceError
from autovoice_core._types import Audio
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.conversion.stream import warm_up
from autovoice_core.protocols import Stream
from autovoice_core.server.stream import messages
from autovoice_core.server.stream.changing import Singing
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal
from autovoice_core.server.stream.packets import Packet, PacketKind, read_packet
from autovoice_core.server.stream.session import StreamSession
from autovoice_core.voices.storage import VoiceProfileStorage

SWITCH_SECONDS = 0.0005
"""Time after which the thread that opens a new stream lets the conversion go on."""
_WARM_RATE = 44_100


class StreamOpener:
    """Opens the conversions of one live stream.

    Parameters
    ----------
    converter, voices
        What converts, and where the voices are.
    sample_rate
        Of the audio.
    """

    def __init__(
        self, converter: SingingVoiceConverter, voices: VoiceProfileStorage, sample_rate: int
    ) -> None:
        self._converter, self._voices, self._rate = converter, voices, sample_rate
        self._is_warm = False

    def __call__(self, singing: Singing, after: Stream[Audio] | None) -> Stream[Audio]:
        """Return a stream into the voice, in the style, that ``singing`` names.

        Raises
        ------
        AutoVoiceError
            As :meth:`SingingVoiceConverter.stream
            <autovoice_core.SingingVoiceConverter.stream>` and :class:`VoiceProfileStorage
            <autovoice_core.VoiceProfileStorage>`.
        """
        voice = self._voices.get(singing.voice)
        singer = None if singing.singer is None else self._voices.get(singing.singer)
        own = {"formant": singing.formant, "strength": singing.strength}
        # A stream can't change breaths and vibrato, so it leaves out what the voice says of them.
        style: dict[str, Any] = {"key": singing.key, "breath": "keep", "vibrato": 1.0}
        style |= {name: value for name, value in own.items() if value is not None}
        if not self._is_warm:
            warm_up(self._converter, voice, self._rate, singer=singer, **style)
            self._is_warm = True
        return self._converter.stream(voice, self._rate, singer=singer, after=after, **style)


def serve(
    packets: Iterator[Packet], send: Callable[[Packet], None], converter: SingingVoiceConverter
) -> None:
    """Run the stream that the first of ``packets`` starts, until it ends or they do."""
    first = next(packets, None)
    if first is None:
        return
    try:
        with ThreadPoolExecutor(1) as executor:
            for packet in _converse(first, packets, converter, executor):
                send(packet)
    except StreamRefusal as refusal:
        send(_refused(refusal))
    except Exception:
        logging.getLogger(__name__).exception("a live stream failed")
        send(_refused(StreamRefusal(CloseCode.FAILED, "the stream failed; see the server's log")))


def _converse(
    first: Packet,
    packets: Iterator[Packet],
    converter: SingingVoiceConverter,
    executor: ThreadPoolExecutor,
) -> Iterator[Packet]:
    start = msgspec.json.decode(first.data)
    hello = msgspec.convert(start["hello"], messages.Hello)
    voices = VoiceProfileStorage(Path(start["db"]))
    opener = StreamOpener(converter, voices, hello.sample_rate)
    session = StreamSession(hello, opener, executor)
    gc.freeze()  # what lives by now stays, so that no collection walks through it
    yield _text(session.ready())
    for packet in packets:
        match packet.kind:
            case PacketKind.AUDIO:
                answers = session.receive(packet.data, packet.time)
            case PacketKind.TEXT:
                answers = session.receive(packet.data.decode(), packet.time)
            case _:
                answers = session.tick(packet.time)
                yield Packet(PacketKind.FIGURES, msgspec.json.encode(session.times.take_new()))
        for message in answers:
            if isinstance(message, bytes):
                yield Packet(PacketKind.AUDIO, message)
            else:
                yield _text(message)
        if session.has_ended:
            yield Packet(PacketKind.ENDED)
            return


def _text(message: str) -> Packet:
    return Packet(PacketKind.TEXT, message.encode())


def _refused(refusal: StreamRefusal) -> Packet:
    data = {"code": int(refusal.code), "message": refusal.message}
    return Packet(PacketKind.REFUSED, msgspec.json.encode(data))


def _warmed(db: str) -> SingingVoiceConverter:
    """Return a converter whose kernels are loaded, if there is a voice to try it with."""
    converter, voices = SingingVoiceConverter(), VoiceProfileStorage(Path(db))
    # What is wrong with the voices or the backend is told to the client that asks for them.
    with suppress(AutoVoiceError):
        for summary in voices.list()[:1]:
            voice = voices.get(summary.name)
            # A key other than 0 takes kernels that the original key does not.
            warm_up(converter, voice, _WARM_RATE, key=1.0, breath="keep", vibrato=1.0)
    return converter


def _packets(pipe: BinaryIO) -> Iterator[Packet]:
    while (packet := read_packet(pipe)) is not None:
        yield packet


def main() -> None:
    """Serve one stream over standard input and output; the argument is the voice database."""
    sys.setswitchinterval(SWITCH_SECONDS)
    # Whatever a library prints goes to standard error, if there is one, never between the packets.
    output = os.fdopen(os.dup(1), "wb")
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    def send(packet: Packet) -> None:
        output.write(packet.encoded())
        output.flush()

    try:
        serve(_packets(sys.stdin.buffer), send, _warmed(sys.argv[1]))
    except BrokenPipeError:
        os._exit(0)  # the server is gone: nobody is left to tell


if __name__ == "__main__":
    main()

"""Sound devices by PortAudio: their list, and a microphone with headphones as one card."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._types import Progress
from autovoice_core.audio.source import Block, Source

NO_DEVICE = "no sound device found; connect one, and check the system's settings"
"""Message for a machine that has no sound device at all."""

_PLAYED_SECONDS = 0.1


@frozen
class SoundDevice:
    """A sound device of this machine.

    Attributes
    ----------
    index
        Its number, by which it can be chosen.
    name
        Its name, with that of its driver.
    inputs, outputs
        Channels that can be recorded and played.
    sample_rate
        The rate it runs at by default, Hz.
    """

    index: int
    name: str
    inputs: int
    outputs: int
    sample_rate: int


def sound_devices() -> tuple[SoundDevice, ...]:
    """Return the sound devices of this machine.

    Raises
    ------
    InputError
        The extra ``live`` or PortAudio is not installed.
    """
    library = _portaudio()
    drivers = library.query_hostapis()
    return tuple(
        SoundDevice(
            index,
            f"{device['name']} ({drivers[device['hostapi']]['name']})",
            device["max_input_channels"],
            device["max_output_channels"],
            round(device["default_samplerate"]),
        )
        for index, device in enumerate(library.query_devices())
    )


class SoundCard:
    """A microphone and headphones that run in step.

    Attributes
    ----------
    sample_rate
        Of both, Hz.
    latency
        Seconds from the microphone to the headphones that their buffers take.
    """

    def __init__(self, stream: Any, error: type[Exception]) -> None:
        self._stream, self._error = stream, error
        self.sample_rate = round(stream.samplerate)
        self.latency = float(sum(stream.latency))

    def read(self, frames: int) -> tuple[Block, bool]:
        """Return ``(1, frames)`` float32 from the microphone, and whether some before was lost.

        Raises
        ------
        InputError
            The device is gone.
        """
        with self._explained():
            samples, lost = self._stream.read(frames)
        return np.ascontiguousarray(samples[:, :1].T), bool(lost)

    def write(self, block: Block) -> bool:
        """Play ``(1, frames)`` float32 on all channels; return whether there was a gap before.

        Raises
        ------
        InputError
            The device is gone.
        """
        channels = self._stream.channels[1]
        samples = np.ascontiguousarray(np.repeat(np.clip(block, -1, 1), channels, axis=0).T)
        with self._explained():
            gap = self._stream.write(samples)
        return bool(gap)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise InputError(f"the sound card stopped: {error}; connect it again") from error


@contextmanager
def open_sound_card(
    microphone: int | str | None = None,
    headphones: int | str | None = None,
    sample_rate: int | None = None,
    buffer: float | None = None,
) -> Iterator[SoundCard]:
    """Open a microphone and headphones.

    Parameters
    ----------
    microphone, headphones
        Number, or part of the name, of a device; by default those of the system.
    sample_rate
        Hz; by default that of the microphone.
    buffer
        Seconds that each of the two buffers holds; by default as little as the devices suggest.
        Longer ones are later, and survive a busier machine.

    Raises
    ------
    InputError
        The extra ``live`` or PortAudio is not installed, there is no such device, or it can't be
        opened at this rate.
    """
    library = _portaudio()
    source = _device(library, microphone, "input")
    sink = _device(library, headphones, "output")
    try:
        stream = library.Stream(
            samplerate=sample_rate or round(source["default_samplerate"]),
            device=(source["index"], sink["index"]),
            channels=(1, min(2, sink["max_output_channels"])),
            dtype="float32",
            latency="low" if buffer is None else buffer,
        )
    except library.PortAudioError as error:
        raise InputError(
            f"{source['name']!r} and {sink['name']!r} can't be opened together: {error}; "
            "choose others, `autovoice live --list` shows them, or another rate"
        ) from error
    with stream:
        yield SoundCard(stream, library.PortAudioError)


def play(
    source: Source, headphones: int | str | None = None, progress: Progress | None = None
) -> None:
    """Play ``source`` to its end.

    Parameters
    ----------
    source
        A sound of any length; of more channels than ``headphones`` has, the first are played.
    headphones
        Number, or part of the name, of a device; by default that of the system.
    progress
        Called with the fraction that was played.

    Raises
    ------
    InputError
        As :func:`open_sound_card`.
    """
    library = _portaudio("playing")
    sink = _device(library, headphones, "output")
    channels = min(source.channels, sink["max_output_channels"])
    try:
        stream = library.OutputStream(
            samplerate=source.sample_rate,
            device=sink["index"],
            channels=channels,
            dtype="float32",
            latency="high",
        )
        with stream:
            done = 0
            for block in source.blocks(round(_PLAYED_SECONDS * source.sample_rate)):
                stream.write(np.ascontiguousarray(np.clip(block[:channels], -1, 1).T))
                done += block.shape[1]
                if progress is not None:
                    progress(done / source.frames)
    except library.PortAudioError as error:
        raise InputError(
            f"{sink['name']!r} can't play {source.sample_rate} Hz: {error}; choose another device"
        ) from error


def _device(library: ModuleType, chosen: int | str | None, kind: str) -> Any:
    """Return PortAudio's description of the ``kind`` (input or output) of device ``chosen``."""
    if not len(library.query_devices()):
        raise InputError(NO_DEVICE)
    try:
        device = library.query_devices(chosen, kind)
    except (ValueError, library.PortAudioError) as error:
        name = f"the default {kind} device" if chosen is None else f"{kind} device {chosen!r}"
        raise InputError(
            f"{name}: not found ({error}); `autovoice live --list` shows what there is"
        ) from error
    if not device[f"max_{kind}_channels"]:
        raise InputError(
            f"{kind} device {chosen!r}: {device['name']} has no {kind}; "
            "`autovoice live --list` shows what there is"
        )
    return device


def _portaudio(purpose: str = "live singing") -> ModuleType:
    try:
        import sounddevice
    except ImportError as error:
        raise InputError(
            f"{purpose} needs sounddevice; install it with `pip install 'autovoice-core[live]'`"
        ) from error
    except OSError as error:
        raise InputError(
            f"{purpose} needs PortAudio, which is not on this machine; install it, "
            "for example with `apt install libportaudio2`"
        ) from error
    library: ModuleType = sounddevice
    return library

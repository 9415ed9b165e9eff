"""Binary frames of audio: a header of 16 bytes, then interleaved samples; all little-endian."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Literal

import numpy as np
from attrs import frozen

from autovoice_core.audio.source import Block
from autovoice_core.server.stream.codes import CloseCode, StreamRefusal

SampleFormat = Literal["int16", "float32"]

HEADER = struct.Struct("<BBHIQ")
"""Kind, format, epoch, frames, position: 16 bytes, so that a typed array can view the rest."""
AUDIO = 1
"""The only kind of frame."""
FORMATS: Mapping[SampleFormat, int] = {"int16": 1, "float32": 2}
"""Number of each format in the header."""
MAX_EPOCH = 2**16
"""Epochs are counted modulo this."""
MAX_FRAME_BYTES = 2**18
"""Largest message with a frame: 1.4 s of mono float32 at 48 kHz."""
MAX_AMPLITUDE = 16.0
"""Largest sample taken, 24 dB over full scale: what is larger was never sound."""

_DTYPES: Mapping[SampleFormat, np.dtype[np.generic]] = {
    "int16": np.dtype("<i2"),
    "float32": np.dtype("<f4"),
}
_INT16_SCALE = 32_768.0


@frozen(eq=False)
class AudioFrame:
    """A piece of audio of an epoch.

    Attributes
    ----------
    position
        Number of its first sample since the epoch began.
    samples
        ``(channels, frames)`` float32, full scale at ±1.
    """

    epoch: int
    position: int
    samples: Block


def encode(frame: AudioFrame, sample_format: SampleFormat) -> bytes:
    """Return a frame as bytes; int16 is rounded to the nearest, and clipped."""
    number, frames = FORMATS[sample_format], frame.samples.shape[1]
    header = HEADER.pack(AUDIO, number, frame.epoch, frames, frame.position)
    interleaved = frame.samples.T
    if sample_format == "int16":
        scaled = np.rint(interleaved * _INT16_SCALE)
        interleaved = np.clip(scaled, -_INT16_SCALE, _INT16_SCALE - 1)
    return header + interleaved.astype(_DTYPES[sample_format]).tobytes()


def decode(data: bytes, sample_format: SampleFormat, channels: int) -> AudioFrame:
    """Return the frame in a message.

    Raises
    ------
    StreamRefusal
        It is of another kind, format or length than it should be, or holds what is no sound.
    """
    if len(data) < HEADER.size:
        raise _bad(f"a frame has a header of {HEADER.size} bytes, but this message has {len(data)}")
    kind, number, epoch, frames, position = HEADER.unpack_from(data)
    if kind != AUDIO:
        raise StreamRefusal(
            CloseCode.UNEXPECTED_MESSAGE, f"frame: kind {kind} is unknown; audio is {AUDIO}"
        )
    if number != FORMATS[sample_format]:
        raise _bad(
            f"frame: format {number} is not {FORMATS[sample_format]}, the {sample_format} that "
            "the hello promised"
        )
    if frames < 1:
        raise _bad(f"frame: it holds no samples after position {position}; send at least 1")
    dtype = _DTYPES[sample_format]
    size = HEADER.size + frames * channels * dtype.itemsize
    if len(data) != size:
        raise _bad(
            f"frame: {frames} frames of {channels} channels in {sample_format} make a message of "
            f"{size} bytes, but it has {len(data)}"
        )
    values = np.frombuffer(data, dtype, offset=HEADER.size).reshape(frames, channels).T
    samples = np.ascontiguousarray(values, np.float32)
    if sample_format == "int16":
        samples /= np.float32(_INT16_SCALE)
    # Written so that NaN fails it too.
    if not np.abs(samples).max() <= MAX_AMPLITUDE:
        raise _bad(
            f"frame: the audio at position {position} has samples that are no numbers or beyond "
            f"±{MAX_AMPLITUDE:g}; full scale is ±1"
        )
    return AudioFrame(epoch, position, samples)


def _bad(message: str) -> StreamRefusal:
    return StreamRefusal(CloseCode.BAD_MESSAGE, message)

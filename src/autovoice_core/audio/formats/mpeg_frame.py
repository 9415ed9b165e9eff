"""Headers of MPEG audio frames, and the frame that states the length (ISO 11172-3, 13818-3)."""

from __future__ import annotations

from functools import lru_cache

from attrs import frozen

HEADER_BYTES = 4
LOOKED_AT_BYTES = 64
"""Bytes from the start of a frame in which its header and the stated length lie."""

_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KBITS = {  # by layer, for MPEG-1 and for the lower sample rates of MPEG-2
    (1, True): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (2, True): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, True): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (1, False): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, False): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (3, False): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_MONO = 3
_HAS_FRAMES, _HAS_BYTES = 1, 2
_VBRI_AT = 36
_ENCODERS = (b"LAME", b"Lavf", b"Lavc")
_ENCODER_AFTER_FRAMES = 112  # bytes from the number of frames to the encoder's name
_PADDING_AFTER_ENCODER = 22  # and from there to 12 bits of padding
_LENGTH_BITRATE = 9 << 4  # a frame of 240 bytes or more


@frozen
class MpegFrame:
    """A frame, by its header.

    Attributes
    ----------
    header
        Its first four bytes.
    layer, sample_rate, channels
        The stream's, alike in every frame of it.
    size, samples
        Bytes, and samples of each channel.
    """

    header: bytes
    layer: int
    sample_rate: int
    channels: int
    size: int
    samples: int

    def belongs_to(self, other: MpegFrame) -> bool:
        """Return whether both can be frames of one stream."""
        mine = (self.layer, self.sample_rate, self.channels)
        return mine == (other.layer, other.sample_rate, other.channels)

    @property
    def bit_rate(self) -> int:
        """The number of the bit rate, in the table of the layer."""
        return self.header[2] >> 4

    @property
    def length_at(self) -> int:
        """Where a frame that states the length does so: after the side information."""
        if _version(self.header) == 3:
            return HEADER_BYTES + (17 if self.channels == 1 else 32)
        return HEADER_BYTES + (9 if self.channels == 1 else 17)


@frozen
class StatedLength:
    """The length of a stream, as its first frame states it.

    Attributes
    ----------
    frames, size
        Without that frame, and with it in bytes; 0 where it is not stated.
    at, size_at
        Where they lie in the frame; None where libsndfile doesn't read them, or there are none.
    """

    frames: int
    size: int
    at: int | None = None
    size_at: int | None = None

    def corrected(self, content: bytes, frames: int, size: int) -> bytes:
        """Return ``content``, the frame that states the length, with another one.

        The padding of the last frame, which decoders cut off, is that of another one.
        """
        corrected = bytearray(content)
        for at, value in ((self.at, frames), (self.size_at, size)):
            if at is not None:
                corrected[at : at + 4] = value.to_bytes(4, "big")
        encoder = (self.at or 0) + _ENCODER_AFTER_FRAMES
        if corrected[encoder : encoder + 4] in _ENCODERS:
            padding = encoder + _PADDING_AFTER_ENCODER
            corrected[padding] &= 0xF0
            corrected[padding + 1] = 0
        return bytes(corrected)


def parse_frame(content: bytes) -> MpegFrame | None:
    """Return the frame that begins with ``content``; None if none of a known size does."""
    return _parse_header(content[:HEADER_BYTES])


@lru_cache(maxsize=1 << 12)  # a stream has few different headers
def _parse_header(header: bytes) -> MpegFrame | None:
    if len(header) < HEADER_BYTES or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return None
    version, layer = _version(header), _layer(header)
    if version == 1 or layer == 4 or not 1 <= header[2] >> 4 <= 14 or header[2] >> 2 & 3 == 3:
        return None
    return MpegFrame(
        header=header,
        layer=layer,
        sample_rate=_RATES[version][header[2] >> 2 & 3],
        channels=1 if header[3] >> 6 == _MONO else 2,
        size=_frame_bytes(header),
        samples=_samples(header),
    )


def stated_length(frame: MpegFrame, content: bytes) -> StatedLength | None:
    """Return the length that ``frame`` states, given its first bytes; None if it holds sound."""
    if frame.layer != 3:
        return None
    if content[_VBRI_AT : _VBRI_AT + 4] == b"VBRI":
        size, frames = (
            int.from_bytes(content[_VBRI_AT + at : _VBRI_AT + at + 4], "big") for at in (10, 14)
        )
        return StatedLength(frames, size)
    at = frame.length_at
    if content[at : at + 4] not in (b"Xing", b"Info"):
        return None
    has = int.from_bytes(content[at + 4 : at + 8], "big")
    frames_at = at + 8 if has & _HAS_FRAMES else None
    size_at = at + (12 if has & _HAS_FRAMES else 8) if has & _HAS_BYTES else None
    frames, size = (
        0 if at is None else int.from_bytes(content[at : at + 4], "big")
        for at in (frames_at, size_at)
    )
    return StatedLength(frames, size, frames_at, size_at)


def length_frame(frame: MpegFrame, frames: int) -> bytes:
    """Return a frame of the stream of ``frame`` that states a length of ``frames``."""
    # Without a checksum, and long enough.
    header = bytes((0xFF, frame.header[1] | 1, _LENGTH_BITRATE | frame.header[2] & 12))
    header += frame.header[3:]
    content = bytearray(header.ljust(_frame_bytes(header), b"\0"))
    stated = b"Info" + _HAS_FRAMES.to_bytes(4, "big") + frames.to_bytes(4, "big")
    content[frame.length_at : frame.length_at + len(stated)] = stated
    return bytes(content)


def _frame_bytes(header: bytes) -> int:
    """Return the size of the frame that begins with a valid ``header``."""
    version, layer, padding = _version(header), _layer(header), header[2] >> 1 & 1
    bits = _KBITS[layer, version == 3][(header[2] >> 4) - 1] * 1000
    rate = _RATES[version][header[2] >> 2 & 3]
    if layer == 1:
        return 4 * (12 * bits // rate + padding)
    return _samples(header) // 8 * bits // rate + padding


def _samples(header: bytes) -> int:
    """Return the samples of each channel in a frame."""
    if _layer(header) == 1:
        return 384
    return 576 if _layer(header) == 3 and _version(header) != 3 else 1152


def _layer(header: bytes) -> int:
    """Return 1 to 3, or 4 for none."""
    return 4 - (header[1] >> 1 & 3)


def _version(header: bytes) -> int:
    """Return 3 for MPEG-1, 2 for MPEG-2, 0 for MPEG-2.5, 1 for none."""
    return header[1] >> 3 & 3

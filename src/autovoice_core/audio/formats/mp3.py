"""MPEG audio files: their frames counted, and joined ones parted.

Their header states a length that may be missing, or that of the first of several files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from attrs import define

from autovoice_core._errors import InputError
from autovoice_core.audio.formats.mpeg_frame import (
    HEADER_BYTES,
    LOOKED_AT_BYTES,
    MpegFrame,
    StatedLength,
    length_frame,
    parse_frame,
    stated_length,
)
from autovoice_core.audio.formats.part import Part, cut_off, damaged, read_at

MAX_JUNK_BYTES = 1 << 16
"""Most bytes besides tags before the first frame, and after the last."""

_SEARCHED_BYTES = 1 << 16
_MIN_RUN = 4  # a header alone could be chance

_TAGS = (b"ID3", b"TAG", b"APETAGEX")
_APE_BYTES = 32
_APE_HEADER = 1 << 29


@define
class _Stream:
    """Frames that follow each other, as they are counted."""

    start: int
    first: MpegFrame
    stated: StatedLength | None
    head: bytes
    tag: range
    frames: int = 0
    stop: int = 0
    varies: bool = False


def find_frame(file: BinaryIO, position: int, stop: int) -> int | None:
    """Return where frames of one stream begin to follow each other, before ``stop``."""
    while position < stop:
        content = read_at(file, position, _SEARCHED_BYTES + HEADER_BYTES)
        at = -1
        while 0 <= (at := content.find(b"\xff", at + 1)) < _SEARCHED_BYTES:
            if position + at >= stop:
                return None
            if parse_frame(content[at : at + HEADER_BYTES]) and _is_run(file, position + at):
                return position + at
        position += _SEARCHED_BYTES
    return None


def _is_run(file: BinaryIO, position: int) -> bool:
    """Return whether several frames follow each other, or two up to a tag or the file's end."""
    first: MpegFrame | None = None
    for count in range(_MIN_RUN):
        content = read_at(file, position, LOOKED_AT_BYTES)
        frame = parse_frame(content)
        if frame is None:
            return count > 1 and (not content or _tag_bytes(content) > 0)
        if first is not None and not frame.belongs_to(first):
            return False
        first = first or frame
        position += frame.size
    return True


def after_tags(file: BinaryIO) -> int:
    """Return where the tags at the beginning of a file end."""
    position, end = 0, file.seek(0, os.SEEK_END)
    while 0 < (size := _tag_bytes(read_at(file, position, LOOKED_AT_BYTES))) <= end - position:
        position += size
    return position


def mp3_parts(path: Path, file: BinaryIO, start: int, stop: int, name: str) -> tuple[Part, ...]:
    """Return a part for each of the files that are joined, with the length that it has.

    Tags, and what lies before the first frame or after the last, are no part of the sound.

    Raises
    ------
    InputError
        The file is cut off, lacks a piece, or its parts differ in rate or channels.
    """
    streams: list[_Stream] = []
    position, tag = start, range(0)
    while position < stop:
        content = read_at(file, position, min(LOOKED_AT_BYTES, stop - position))
        frame = parse_frame(content)
        if frame is not None and (not streams or not frame.belongs_to(streams[0].first)):
            frame = frame if _is_run(file, position) else None
        if frame is None:
            size = _tag_bytes(content)
            if 0 < size <= stop - position:
                tag = range(position, position + size)
                position += size
            else:
                position = _after_junk(file, position, stop, content, bool(streams), name)
            continue
        if position + frame.size > stop:
            _require_whole(streams, name)
            break
        stated = stated_length(frame, content)
        if stated is not None or not streams:
            head = read_at(file, position, frame.size)
            streams.append(_Stream(position, frame, stated, head, tag))
            tag = range(0)
        stream = streams[-1]
        if not frame.belongs_to(streams[0].first):
            raise InputError(
                f"{name}: its rate or channels change at {_seconds(streams):.2f} s; convert it "
                "first: ffmpeg -i FILE whole.wav"
            )
        position += frame.size
        stream.frames += stated is None
        stream.varies |= frame.bit_rate != stream.first.bit_rate
        stream.stop = position
    for stream in streams:
        _check_length(stream, name)
    return tuple(_part(path, stream, name) for stream in streams if stream.frames)


def _after_junk(
    file: BinaryIO, position: int, stop: int, content: bytes, within: bool, name: str
) -> int:
    """Return where the next frame or tag begins; ``within`` says that frames came before."""
    found = find_frame(file, position + 1, stop)
    junk = read_at(file, position, min((found or stop) - position, MAX_JUNK_BYTES))
    tags = [at for at in map(junk.find, _TAGS) if at > 0]
    if tags and junk[: min(tags)].strip(b"\0") == b"":
        return position + min(tags)
    if within and found is None:
        if junk[:1] == b"\xff" and len(junk) < HEADER_BYTES:
            raise cut_off(name, "its last frame is not whole")
        if stop - position > MAX_JUNK_BYTES:
            raise damaged(name, f"its last {stop - position} bytes hold no sound")
    if within and found is not None and junk.strip(b"\0"):
        raise damaged(name, "there is something else between its frames")
    return found or stop


def _tag_bytes(content: bytes) -> int:
    """Return the length of the tag that begins with ``content``, 0 if none does."""
    if content.startswith(b"ID3") and len(content) >= 10:
        shifts = (21, 14, 7, 0)
        size = sum((b & 0x7F) << shift for b, shift in zip(content[6:10], shifts, strict=True))
        return 10 + size + (10 if content[5] & 0x10 else 0)
    if content.startswith(b"TAG"):
        return 128
    if content.startswith(b"APETAGEX") and len(content) >= _APE_BYTES:
        is_header = int.from_bytes(content[20:24], "little") & _APE_HEADER
        return _APE_BYTES + (int.from_bytes(content[12:16], "little") if is_header else 0)
    return 0


def _require_whole(streams: list[_Stream], name: str) -> None:
    """Take a frame that is not whole for junk if the length stated has been reached."""
    stated = streams[-1].stated if streams else None
    if stated is None or streams[-1].frames < stated.frames or not stated.frames:
        raise cut_off(name, "its last frame is not whole")


def _check_length(stream: _Stream, name: str) -> None:
    if stream.stated is None or stream.frames >= stream.stated.frames:
        return
    # Some encoders count the frame that states the length.
    size = stream.stop - stream.start
    if stream.frames == stream.stated.frames - 1 and 0 < stream.stated.size <= size:
        return
    seconds = stream.first.samples / stream.first.sample_rate
    raise cut_off(
        name,
        f"{stream.frames * seconds:.2f} s of {stream.stated.frames * seconds:.2f} s are there",
    )


def _part(path: Path, stream: _Stream, name: str) -> Part:
    """Return the stream, with a first frame that states its length if its own does not."""
    stated = stream.stated
    if stream.first.layer != 3:  # has no such frame: libsndfile estimates the length
        if stream.varies:
            raise InputError(
                f"{name}: is MPEG audio of layer {stream.first.layer} with a variable bit rate; "
                "convert it first: ffmpeg -i FILE whole.wav"
            )
        frames = stream.frames * stream.first.samples
        return Part(path, (stream.tag, range(stream.start, stream.stop)), frames)
    if stated is not None and stated.frames == stream.frames and stated.at:
        return Part(path, (stream.tag, range(stream.start, stream.stop)))
    sound = stream.start + (0 if stated is None else stream.first.size)
    if stated is None or stated.at is None:
        first = length_frame(stream.first, stream.frames)
    else:
        first = stated.corrected(stream.head, stream.frames, stream.stop - stream.start)
    return Part(path, (stream.tag, first, range(sound, stream.stop)))


def _seconds(streams: list[_Stream]) -> float:
    return sum(each.frames * each.first.samples / each.first.sample_rate for each in streams)

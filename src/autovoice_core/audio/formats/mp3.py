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
from autovoice_core.audio.formats.part import Part, check_joined, cut_off, damaged, read_at

MAX_JUNK_BYTES = 1 << 16
"""Most bytes besides tags before the first frame, and after the last."""

_SEARCHED_BYTES = 1 << 16
_MIN_RUN = 4  # a header alone could be chance

_ZEROS_BYTES = 1 << 12
_MAX_TAGS = 10_000
_READ_TAG = b"ID3"  # libsndfile takes a sound that any other tag is before for none
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
    """Return where the tags at the beginning of a file end, or where they are too many."""
    position, end = 0, file.seek(0, os.SEEK_END)
    for _ in range(_MAX_TAGS):
        size = _tag_bytes(read_at(file, position, LOOKED_AT_BYTES))
        if not 0 < size <= end - position:
            break
        position += size
    return position


def mp3_parts(path: Path, file: BinaryIO, start: int, stop: int, name: str) -> tuple[Part, ...]:
    """Return a part for each of the files that are joined, with the length that it has.

    Tags, and what lies before the first frame or after the last, are no part of the sound.

    Raises
    ------
    InputError
        The file is cut off, lacks a piece, is joined from too many, or its parts differ in rate or
        channels.
    """
    streams: list[_Stream] = []
    position, tag, tags = start, range(0), 0
    while position < stop:
        content = read_at(file, position, min(LOOKED_AT_BYTES, stop - position))
        frame = parse_frame(content)
        if frame is not None and (not streams or not frame.belongs_to(streams[0].first)):
            frame = frame if _is_run(file, position) else None
        if frame is None:
            size = _tag_bytes(content)
            if 0 < size <= stop - position:
                tags += 1
                if tags > _MAX_TAGS:
                    raise damaged(name, f"it holds more than {_MAX_TAGS} tags")
                if content.startswith(_READ_TAG):
                    tag = range(position, position + size)
                position += size
            else:
                position = _after_junk(file, position, stop, bool(streams), name)
            continue
        if position + frame.size > stop:
            _require_whole(streams, name)
            break
        stated = stated_length(frame, content)
        if stated is not None or not streams:
            head = read_at(file, position, frame.size)
            streams.append(_Stream(position, frame, stated, head, tag))
            check_joined(len(streams), name)
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


def _after_junk(file: BinaryIO, position: int, stop: int, within: bool, name: str) -> int:
    """Return where the next frame or tag may begin; ``within`` says that frames came before."""
    sound = _after_zeros(file, position, stop)
    if sound == stop and within and stop - position > MAX_JUNK_BYTES:
        raise damaged(name, f"its last {stop - position} bytes hold no sound")
    if sound > position:
        return sound
    # Looked through once: no frame is searched for behind what is given up anyway.
    end = min(position + MAX_JUNK_BYTES, stop)
    found = find_frame(file, position + 1, end)
    if found is None and end < stop:
        raise damaged(name, f"more than {MAX_JUNK_BYTES} bytes in a row hold no sound")
    if within and found is not None:
        raise damaged(name, "there is something else between its frames")
    if within and stop - position < HEADER_BYTES and read_at(file, position, 1) == b"\xff":
        raise cut_off(name, "its last frame is not whole")
    return stop if found is None else found


def _after_zeros(file: BinaryIO, position: int, stop: int) -> int:
    """Return where the zeros that begin at ``position`` end, if any do."""
    while position < stop:
        content = read_at(file, position, min(_ZEROS_BYTES, stop - position))
        others = content.lstrip(b"\0")
        position += len(content) - len(others)
        if others or not content:
            break
    return position


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

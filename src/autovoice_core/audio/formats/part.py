"""Parts of a file, each of which libsndfile reads as a file of its own."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import soundfile
from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._regular_files import open_regular

_LENGTH_IN_LOG = re.compile(r"^ *(?:Frames +:|Cols +:|Rows .*Cols +:|Data length) (\d+)", re.M)
MAX_VORBIS_BLOCK = 8192
"""Samples of a block of Vorbis at most."""
MAX_JOINED = 1000
"""Most files that are joined in one; each is opened to find its length."""
_CUT_IN_LOG = "Seems to be a truncated file."


@frozen
class Part:
    """Bytes that make one sound file: stretches of the file at ``path``, and what replaces others.

    Attributes
    ----------
    path
        The file.
    pieces
        In order: positions in the file, or bytes.
    frames
        Its exact length where libsndfile would find another, e.g. with the padding of a block.
    counted
        Whether its frames were found, if it is MPEG audio.
    """

    path: Path
    pieces: tuple[range | bytes, ...]
    frames: int | None = None
    counted: bool = True


@contextmanager
def open_part(part: Part) -> Iterator[soundfile.SoundFile]:
    """Open ``part`` for reading.

    Raises
    ------
    LibsndfileError
        libsndfile can't read it.
    OSError
        It is there no longer, or no file any more.
    """
    with open_regular(part.path) as file, soundfile.SoundFile(_Pieces(file, part.pieces)) as sound:
        yield sound


def exact_frames(part: Part, file: soundfile.SoundFile, name: str) -> int:
    """Return the length of ``part``, opened as ``file``.

    Raises
    ------
    InputError
        It holds less than it states; ``name`` is what the message calls it.
    """
    if file.format == "MP3" and not part.counted:
        raise InputError(
            f"{name}: its MPEG frames can't be counted; convert it first: ffmpeg -i FILE whole.wav"
        )
    found = _frames_there(file) if file.subtype == "VORBIS" else int(file.frames)
    # What libsndfile finds in headers of rare formats, and goes on without.
    lengths = [int(length) for length in _LENGTH_IN_LOG.findall(file.extra_info)]
    stated = max([part.frames or 0, *lengths])
    if stated > found:
        raise cut_off(name, f"{found} of {stated} samples are there")
    if _CUT_IN_LOG in file.extra_info:
        raise cut_off(name, "its header states more")
    return found if part.frames is None else part.frames


def _frames_there(file: soundfile.SoundFile) -> int:
    """Return the length of Vorbis; some encoders state more than their last block holds."""
    stated: int = file.frames
    start = max(0, stated - MAX_VORBIS_BLOCK)
    try:
        file.seek(start)
        there = len(file.read(stated - start, "float32", always_2d=True))
        file.seek(0)
    except soundfile.LibsndfileError:  # reading tells where it is damaged
        return stated
    # If nothing is there, more is missing than a block.
    return start + there if there else stated


def share_there(part: Part, share: float) -> str:
    """Return how much of a sound is there, in seconds if libsndfile can read ``part``."""
    try:
        with open_part(part) as file:
            seconds: float = file.frames / file.samplerate
    except soundfile.LibsndfileError:
        seconds = 0.0
    if not seconds or not share:
        return f"{share:.0%} of the sound are there"
    return f"{seconds:.2f} s of {seconds / share:.2f} s are there"


def read_at(file: BinaryIO, position: int, count: int) -> bytes:
    """Return up to ``count`` bytes of ``file`` from ``position``."""
    file.seek(position)
    return file.read(count)


def check_joined(count: int, name: str) -> None:
    """Refuse a file in which more than :data:`MAX_JOINED` are joined, while they are counted.

    Raises
    ------
    InputError
        There are more; ``name`` is what the message calls the file.
    """
    if count > MAX_JOINED:
        raise InputError(f"{name}: more than {MAX_JOINED} files are joined in it; give them singly")


def cut_off(name: str, reason: str) -> InputError:
    """Return the error of a file whose end is missing."""
    return InputError(
        f"{name}: the file is cut off ({reason}); get an intact copy, or keep what is left of it: "
        "ffmpeg -i FILE rest.wav"
    )


def damaged(name: str, reason: str) -> InputError:
    """Return the error of a file that lacks a piece within."""
    return InputError(
        f"{name}: the file is damaged ({reason}); get an intact copy, or keep what is left of it: "
        "ffmpeg -i FILE rest.wav"
    )


class _Pieces(io.RawIOBase):
    """Pieces of a file and bytes, joined, as a file."""

    def __init__(self, file: BinaryIO, pieces: tuple[range | bytes, ...]) -> None:
        self._file = file
        self._pieces = [piece for piece in pieces if len(piece)]
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        size = sum(len(piece) for piece in self._pieces)
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: size}[whence]
        self._position = max(start + offset, 0)
        return self._position

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        view = memoryview(buffer)
        done = 0
        begin = 0
        for piece in self._pieces:
            skip = self._position - begin
            if done < len(view) and skip < len(piece):
                count = min(len(view) - done, len(piece) - skip)
                content = self._content(piece, skip, count)
                view[done : done + len(content)] = content
                done += len(content)
                self._position += len(content)
                if len(content) < count:  # the file has become shorter
                    break
            begin += len(piece)
        return done

    def _content(self, piece: range | bytes, skip: int, count: int) -> bytes:
        if isinstance(piece, bytes):
            return piece[skip : skip + count]
        try:
            return read_at(self._file, piece.start + skip, count)
        except OSError:  # libsndfile can't be told; it finds that the end is missing
            return b""

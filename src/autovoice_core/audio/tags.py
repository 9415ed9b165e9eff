"""Tags of sound files: title, artist and the like, carried from one file to another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import soundfile

TAGS = {
    "title": "TIT2",
    "artist": "TPE1",
    "album": "TALB",
    "genre": "TCON",
    "date": "TDRC",
    "tracknumber": "TRCK",
    "comment": "COMM",
    "copyright": "TCOP",
}
"""Names of the tags that are kept, as libsndfile has them, and of their ID3 frames."""

_WRITABLE = {
    "WAV": TAGS.keys(),
    "FLAC": TAGS.keys(),
    "OGG": TAGS.keys(),
    "AIFF": {"title", "artist", "comment"},
}
"""Tags that libsndfile writes and reads again intact, by format."""
_UTF_8 = b"\x03"


def read_tags(file: soundfile.SoundFile) -> dict[str, str]:
    """Return the tags of an open file by name, without those that are empty."""
    return {name: text for name, text in file.copy_metadata().items() if name in TAGS and text}


def write_tags(file: soundfile.SoundFile, tags: Mapping[str, str]) -> None:
    """Set the tags of a file that was opened for writing, before any sound is written.

    Tags that its format has no place for are left out; those of MP3 are for :func:`prepend_id3`.
    """
    for name, text in tags.items():
        if name in _WRITABLE.get(file.format, ()):
            setattr(file, name, text)


def prepend_id3(path: Path, tags: Mapping[str, str]) -> None:
    """Put an ID3v2.4 tag before the sound of a finished MP3 file.

    libsndfile would write the text as Latin-1, whatever script it is in.
    """
    sound = path.read_bytes()
    path.write_bytes(_id3(tags) + sound)


def _id3(tags: Mapping[str, str]) -> bytes:
    """Return the tag (https://id3.org/id3v2.4.0-structure)."""
    frames = b"".join(_id3_frame(TAGS[name], text) for name, text in tags.items())
    return b"ID3\x04\x00\x00" + _synchsafe(len(frames)) + frames


def _id3_frame(identifier: str, text: str) -> bytes:
    # A comment has a language, here unknown, and a description, here empty.
    before = b"XXX\x00" if identifier == "COMM" else b""
    content = _UTF_8 + before + text.encode() + b"\x00"
    return identifier.encode() + _synchsafe(len(content)) + b"\x00\x00" + content


def _synchsafe(size: int) -> bytes:
    """Return a size as four bytes of seven bits each."""
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))

"""The kinds of files that are no sound files, and of those that ffmpeg reads."""

from __future__ import annotations

import re

HEAD_BYTES = 4096
"""Bytes of a file's beginning by which its kind is told."""

_MARKUP = re.compile(rb"\s*+(?:<!--(?>.*?-->)\s*+)*+<(?:!doctype html|html|head|body)", re.I | re.S)

_OTHERS = (
    (0, b"\x89PNG", "a picture (PNG)"),
    (0, b"\xff\xd8\xff", "a picture (JPEG)"),
    (0, b"GIF8", "a picture (GIF)"),
    (8, b"WEBP", "a picture (WebP)"),
    (0, b"BM", "a picture (BMP)"),
    (0, b"II*\0", "a picture (TIFF)"),
    (0, b"MM\0*", "a picture (TIFF)"),
    (0, b"%PDF", "a document (PDF)"),
    (0, b"PK\x03\x04", "an archive (ZIP)"),
    (0, b"Rar!", "an archive (RAR)"),
    (0, b"7z\xbc\xaf", "an archive (7z)"),
    (0, b"\x1f\x8b", "an archive (gzip)"),
    (0, b"BZh", "an archive (bzip2)"),
    (0, b"\xfd7zXZ", "an archive (xz)"),
    (0, b"MThd", "notes without sound (MIDI)"),
    (0, b"SQLite format 3", "a database (SQLite)"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"#EXTM3U", "a list of files (M3U)"),
    (0, b"[playlist]", "a list of files (PLS)"),
    (0, b"ffconcat", "a list of files"),
)
_MEDIA = (
    (4, b"ftyp", "MP4 or M4A"),
    (4, b"moov", "QuickTime"),
    (4, b"mdat", "QuickTime"),
    (0, b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA or WMV"),
    (8, b"AVI ", "AVI"),
    (0, b"FLV\x01", "Flash video"),
    (0, b"MAC ", "Monkey's Audio"),
    (0, b"wvpk", "WavPack"),
    (0, b"TTA1", "True Audio"),
    (0, b"tBaK", "TAK"),
    (0, b"MP+", "Musepack"),
    (0, b"MPCK", "Musepack"),
    (0, b"DSD ", "DSD"),
    (0, b"FRM8", "DSD"),
    (0, b"#!AMR", "AMR"),
    (0, b"\x00\x00\x01\xba", "MPEG video"),
    (0, b"\x0b\x77", "AC-3"),
    (0, b"\x7f\xfe\x80\x01", "DTS"),
    (0, b".RMF", "RealMedia"),
    (0, b"caff", "CAF"),
)
_PROTECTED_BRANDS = (b"M4P ", b"aax ")


def other_kind(head: bytes) -> str | None:
    """Return what a file that begins with ``head`` is, if that holds no sound."""
    if _MARKUP.match(head):
        return "a web page (HTML)"
    if head[4:12] in [b"ftyp" + brand for brand in _PROTECTED_BRANDS]:
        return "a protected recording (DRM)"
    for at, magic, kind in _OTHERS:
        if head[at:].startswith(magic):
            return kind
    if not head.strip(b"\0"):
        return "a file of zeros"
    return "text" if _is_text(head) else None


def media_kind(head: bytes) -> str | None:
    """Return the format of a file that begins with ``head``, if libsndfile doesn't read it."""
    if head[:1] == b"\xff" and head[1:2] in (b"\xf1", b"\xf9"):
        return "AAC"
    if head[0:1] == head[188:189] == head[376:377] == b"G":
        return "MPEG transport stream"
    return next((kind for at, magic, kind in _MEDIA if head[at:].startswith(magic)), None)


def _is_text(head: bytes) -> bool:
    """Return whether ``head`` is UTF-8 text; its last character may be cut."""
    if any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD_BYTES and error.start > HEAD_BYTES - 4
    return True

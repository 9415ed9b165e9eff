from __future__ import annotations

import pytest

from autovoice_core.audio.formats.kinds import HEAD_BYTES, media_kind, other_kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"<!DOCTYPE html><html>", "a web page (HTML)"),
        (b"\n <HTML lang=en>", "a web page (HTML)"),
        (b"<!-- saved --><html>", "a web page (HTML)"),
        (b"\x89PNG\r\n\x1a\n", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0", "a picture (JPEG)"),
        (b"%PDF-1.7", "a document (PDF)"),
        (b"PK\x03\x04", "an archive (ZIP)"),
        (b"MThd\0\0\0\6", "notes without sound (MIDI)"),
        (b"#EXTM3U\nhttp://example.org/a.ts", "a list of files (M3U)"),
        (b"\0\0\0\x20ftypM4P \0\0", "a protected recording (DRM)"),
        (b"\0" * 100, "a file of zeros"),
        (b'{"error": "not found"}', "text"),
        ("grüße".encode(), "text"),
        (("é" * HEAD_BYTES).encode()[1 : HEAD_BYTES + 1][1:] + b"\xc3", "text"),
        (b"\x80\x81\x82", None),
        (b"RIFF\x10\0\0\0WAVE", None),
    ],
)
def test_a_file_that_is_no_sound_is_named(head: bytes, kind: str | None) -> None:
    assert other_kind(head) == kind


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\0\0\0\x20ftypisom", "MP4 or M4A"),
        (b"\x1a\x45\xdf\xa3", "Matroska or WebM"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA or WMV"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"\xff\xf1\x50\x80", "AAC"),
        ((b"G" + bytes(187)) * 3, "MPEG transport stream"),
        (b"\xff\xfb\x90\x64", None),
        (b"RIFF\0\0\0\0WAVE", None),
    ],
)
def test_a_format_for_ffmpeg_is_named(head: bytes, kind: str | None) -> None:
    assert media_kind(head) == kind


def test_comments_that_lead_to_no_page_are_read_once() -> None:
    assert other_kind(b"<!---->" * 500 + b"x\0") is None
    assert other_kind(b"<!-- a --> <!-- b --> <html>") == "a web page (HTML)"

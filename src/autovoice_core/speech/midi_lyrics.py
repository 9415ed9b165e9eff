"""The syllables in MIDI files: lyric events, and the text events of karaoke files."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from autovoice_core.speech.midi_events import LYRIC, TEXT, MidiTrack

_LINE_MARKS = "/\\\r\n"
_MAX_SYLLABLE_BYTES = 1000
"""Bytes of a text that can be one syllable, far above any; longer ones are notes of the editor."""


@frozen
class SyllableEvent:
    """A syllable at a tick; ``text`` ends in a hyphen where the word goes on."""

    tick: int
    text: str


def syllable_events(tracks: Sequence[MidiTrack]) -> list[SyllableEvent]:
    """Return the syllables of a file in order of time.

    A word ends, by the habit of the file, where the next event begins with a space (karaoke), where
    an event ends in one, or else where no hyphen is at its end.
    """
    found = _events(tracks, LYRIC) or _events(tracks, TEXT)
    texts = [text for _, text in found]
    if any(text.startswith(" ") for text in texts):
        goes_on = [not after.startswith((" ", *_LINE_MARKS)) for after in texts[1:]]
    elif any(text.endswith(" ") for text in texts):
        goes_on = [not text.endswith((" ", *_LINE_MARKS)) for text in texts[:-1]]
    else:
        goes_on = [text.rstrip().endswith(("-", "=")) for text in texts[:-1]]
    return [
        SyllableEvent(tick, text.strip(f"{_LINE_MARKS} -=_") + ("-" if more else ""))
        for (tick, text), more in zip(found, [*goes_on, False], strict=False)
    ]


def _events(tracks: Sequence[MidiTrack], wanted: int) -> list[tuple[int, str]]:
    """Return the ticks and texts of meta events that hold a word, without the titles."""
    found = []
    for track in tracks:
        for tick, kind, content in track.texts:
            is_title = kind == TEXT and (tick == 0 or content.startswith(b"@"))
            if kind != wanted or is_title or len(content) > _MAX_SYLLABLE_BYTES:
                continue
            text = _decoded(content)
            if any(map(str.isalnum, text)):
                found.append((tick, text))
    return sorted(found, key=lambda event: event[0])


def _decoded(content: bytes) -> str:
    """Return a text in UTF-8 if it is that, and else as Latin-1."""
    try:
        return content.decode()
    except UnicodeError:
        return content.decode("latin-1")

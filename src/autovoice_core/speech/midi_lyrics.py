"""The syllables in MIDI files: lyric events, and the text events of karaoke files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attrs import frozen

_LINE_MARKS = "/\\\r\n"


@frozen
class SyllableEvent:
    """A syllable at a tick; ``text`` ends in a hyphen where the word goes on."""

    tick: int
    text: str


def syllable_events(tracks: Sequence[Any]) -> list[SyllableEvent]:
    """Return the syllables of a file in order of time.

    A word ends, by the habit of the file, where the next event begins with a space (karaoke), where
    an event ends in one, or else where no hyphen is at its end.
    """
    found = _events(tracks, "lyrics") or _events(tracks, "text")
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


def _events(tracks: Sequence[Any], kind: str) -> list[tuple[int, str]]:
    """Return the ticks and texts of meta events that hold a word, without the titles."""
    found = []
    for track in tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type != kind or not any(map(str.isalnum, message.text)):
                continue
            is_title = kind == "text" and (now == 0 or message.text.startswith("@"))
            if not is_title:
                found.append((now, _decoded(message.text)))
    return sorted(found, key=lambda event: event[0])


def _decoded(text: str) -> str:
    """Return a text that mido read as Latin-1, in UTF-8 if it is that."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text

"""The syllables in MIDI files: lyric events, and the text events of karaoke files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import frozen

_LINE_MARKS = "/\\\r\n"
_MAX_SYLLABLE_BYTES = 200
"""Bytes of a text that can be one syllable, far above any; longer ones are notes of the editor."""


@frozen
class SyllableEvent:
    """A syllable at a tick; ``text`` ends in a hyphen where the word goes on."""

    tick: int
    text: str


def syllable_events(tracks: Sequence[Any], sung: Any) -> list[SyllableEvent]:
    """Return the syllables of a file in order of time.

    Lyric events are those of the track ``sung``, if it has any; else they are of the track that has
    the most, and so is the text of karaoke, so that remarks in the others are not sung.
    A word ends with its line, and else, by the habit of the file, where the next event begins with
    a space (karaoke), where an event ends in one, or where no hyphen is at its end.
    """
    found = (
        _events(sung, "lyrics")
        or max((_events(track, "lyrics") for track in tracks), key=len)
        or max((_events(track, "text") for track in tracks), key=len)
    )
    texts = [text for _, text in found]
    begins_with_space = any(text.startswith(" ") for text in texts)
    ends_with_space = any(text.endswith(" ") for text in texts)

    def goes_on(text: str, after: str) -> bool:
        if text.endswith(tuple(_LINE_MARKS)) or after.startswith(tuple(_LINE_MARKS)):
            return False
        if begins_with_space:
            return not after.startswith(" ")
        return not text.endswith(" ") if ends_with_space else text.endswith(("-", "="))

    joined = map(goes_on, texts, [*texts[1:], _LINE_MARKS])  # the last word ends with the song
    return [
        SyllableEvent(tick, text.strip(f"{_LINE_MARKS} -=_") + ("-" if more else ""))
        for (tick, text), more in zip(found, joined, strict=True)
    ]


def timed(track: Any) -> Iterator[tuple[int, Any]]:
    """Yield the tick of each message of a mido track, and the message."""
    now = 0
    for message in track:
        now += message.time
        yield now, message


def _events(track: Any, kind: str) -> list[tuple[int, str]]:
    """Return the ticks and texts of a track's meta events that hold a word.

    The headers of karaoke, which begin with ``@``, are left out. A line mark that is an event of
    its own is put before the next text.
    """
    found, mark = [], ""
    for tick, message in timed(track):
        if message.type != kind or len(message.text) > _MAX_SYLLABLE_BYTES:
            continue
        text = _decoded(message.text)
        if text.startswith("@"):
            continue
        if any(map(str.isalnum, text)):
            found.append((tick, mark + text))
            mark = ""
        elif text.strip(" ") and not text.strip(f" {_LINE_MARKS}"):
            mark = text.strip(" ")
    return found


def _decoded(text: str) -> str:
    """Return a text that mido read as Latin-1, in UTF-8 if it is that."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text

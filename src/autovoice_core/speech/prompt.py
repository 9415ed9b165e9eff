"""Text in pieces that begin short, so that the first is heard at once and the others in time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from attrs import frozen

from autovoice_core._speech import Speech
from autovoice_core._types import Audio

FIRST_CHARACTERS = 40
"""Characters of the first piece at most: 2.3 s of speech, converted in 0.4 s on a core."""
FIRST_SILENCE = 0.05
"""Seconds of silence at the very beginning, whose conversion would be waited for."""
GROWTH = 2.0
"""Length of a piece at most, against all that is said before it and heard while it is made."""
MIN_CHARACTERS = 15
"""Characters of a clause at least that is a piece of its own."""
UNCUT_SHARE = 1.2
"""Excess of a piece without clauses over its limit up to which it stays whole."""
CLAUSE_PAUSE, WORD_PAUSE = 0.2, 0.04
"""Seconds of silence between two pieces of a sentence, cut between clauses and between words."""

_CLAUSE = re.compile(r"(?<=[,;:—–،؛])\s+")
_SPACE = re.compile(r"\s+")


@frozen
class Piece:
    """A sentence or a part of one.

    Attributes
    ----------
    text
        The text.
    before, after
        Seconds of the silence at its ends that are kept at most, or None for all.
    """

    text: str
    before: float | None = None
    after: float | None = None

    def spoken_as(self, speech: Speech) -> Audio:
        """Return the sound of ``speech``, which says :attr:`text`, without silence to leave out."""
        first, last = speech.phones[0], speech.phones[-1]
        start, end = 0.0, speech.audio.duration
        if self.before is not None and first.kind == "pause":
            start = max(start, first.end - self.before)
        if self.after is not None and last.kind == "pause":
            end = min(end, last.start + self.after)
        return speech.audio[start:end]


def prompt_pieces(sentences: Iterable[str]) -> Iterator[Piece]:
    """Yield sentences in pieces that hold all their words, in order.

    The first is of :data:`FIRST_CHARACTERS` at most, another of :data:`GROWTH` times what was said
    before it. They are cut between clauses, or between words where a clause is too long.
    """
    said = 0
    before: float | None = FIRST_SILENCE
    for sentence in sentences:
        rest = sentence
        while (cut := _cut(rest, max(FIRST_CHARACTERS, int(GROWTH * said)))) is not None:
            head, pause, rest = cut
            yield Piece(head, before, pause / 2)
            said, before = said + len(head), pause / 2
        yield Piece(rest, before)
        said, before = said + len(rest), None


def _cut(text: str, limit: int) -> tuple[str, float, str] | None:
    """Return the first piece of a text, the pause after it, and the rest; None if it is short."""
    if len(text) <= limit:
        return None
    for pattern, pause in ((_CLAUSE, CLAUSE_PAUSE), (_SPACE, WORD_PAUSE)):
        if pattern is _SPACE and len(text) <= UNCUT_SHARE * limit:
            return None
        places = [
            place
            for place in pattern.finditer(text, 0, limit + 1)
            if _holds_a_word(text[: place.start()]) and _holds_a_word(text[place.end() :])
        ]
        long_enough = [place for place in places if place.start() >= MIN_CHARACTERS]
        if long_enough:
            place = long_enough[-1]
            return text[: place.start()], pause, text[place.end() :]
    return None


def _holds_a_word(text: str) -> bool:
    return any(map(str.isalnum, text))

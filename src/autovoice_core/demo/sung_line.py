"""The line of the sung demo, of "Twinkle, twinkle, little star" (Jane Taylor, 1806)."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from autovoice_core.speech.score import ScoreNote

BEAT_SECONDS = 0.6
BEATS_A_BAR = 4
START_SECONDS = BEAT_SECONDS
"""Seconds before the first note, which its consonants lead."""


@frozen
class SungSyllable:
    """A syllable on its note.

    Attributes
    ----------
    text
        The syllable; a hyphen at its end joins it to the next.
    key
        MIDI number.
    beats, rest
        Beats that it is held, and beats of silence after it.
    """

    text: str
    key: int
    beats: float = 1.0
    rest: float = 0.0


LINE = (
    SungSyllable("Twin-", 60),
    SungSyllable("kle", 60),
    SungSyllable("twin-", 67),
    SungSyllable("kle", 67),
    SungSyllable("lit-", 69),
    SungSyllable("tle", 69),
    SungSyllable("star", 67, rest=1.0),
    SungSyllable("how", 65),
    SungSyllable("I", 65),
    SungSyllable("won-", 64),
    SungSyllable("der", 64),
    SungSyllable("what", 62),
    SungSyllable("you", 62),
    SungSyllable("are", 60, beats=2.0),
)
"""The syllables in order."""


def lyrics_of(line: Sequence[SungSyllable]) -> str:
    """Return the words as :meth:`~autovoice_core.TTSPipeline.sing` takes them."""
    return " ".join(syllable.text for syllable in line).replace("- ", "-")


def notes_of(line: Sequence[SungSyllable]) -> list[ScoreNote]:
    """Return the note of each syllable."""
    notes, beat = [], 0.0
    for syllable in line:
        start = START_SECONDS + BEAT_SECONDS * beat
        end = start + BEAT_SECONDS * syllable.beats
        notes.append(ScoreNote(start, end, syllable.key, 1 + int(beat // BEATS_A_BAR)))
        beat += syllable.beats + syllable.rest
    return notes

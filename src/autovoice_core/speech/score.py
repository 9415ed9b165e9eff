"""The notes of a score, as they are sung: one after another, in seconds."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from autovoice_core._arguments import as_number
from autovoice_core._errors import InputError

MAX_NOTES = 10_000
"""Most notes that are sung at once."""

MAX_QUOTED_CHARACTERS = 60
"""Most characters of a text in a score that a message quotes."""
STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Semitones of each step over C."""


def key_of(step: str, octave: float, alter: float) -> float:
    """Return the MIDI number of one of :data:`STEPS`, altered by semitones; A4 is 69."""
    return 12.0 * (octave + 1) + STEPS[step] + alter


def _as_seconds(value: Any) -> float:
    return as_number("notes", value, unit="seconds", example="1.5")


def _as_key(value: Any) -> float:
    return as_number("notes", value, unit="semitones", example="69 for A4")


@frozen
class ScoreNote:
    """A note to sing.

    Attributes
    ----------
    start, end
        Seconds.
    key
        MIDI number, 69 for A4 at 440 Hz; it need not be whole.
    bar
        Number of the bar that it begins in, where the score has bars.
    lyric
        The syllable that the score has for it, with a hyphen at the end where the word goes on;
        empty where it holds the one before, and where the score has no words.
    """

    start: float = field(converter=_as_seconds)
    end: float = field(converter=_as_seconds)
    key: float = field(converter=_as_key)
    bar: int | None = None
    lyric: str = ""

    @property
    def place(self) -> str:
        """The place of the note in words, e.g. ``"bar 3"`` or ``"1.50 s"``."""
        return f"{self.start:.2f} s" if self.bar is None else f"bar {self.bar}"


def check_count(count: int, name: str) -> None:
    """Refuse more than :data:`MAX_NOTES` notes, which readers do before they have read all.

    Raises
    ------
    InputError
        They are more; ``name`` is what the message calls the score.
    """
    if count > MAX_NOTES:
        raise InputError(f"{name}: holds more than {MAX_NOTES} notes; sing it in parts")


def quoted(text: str) -> str:
    """Return a text of a score as a message quotes it, cut where it is long."""
    return repr(text if len(text) <= MAX_QUOTED_CHARACTERS else f"{text[:MAX_QUOTED_CHARACTERS]}…")

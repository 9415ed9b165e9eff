"""The f0 of a sung melody: its notes, with portamento, overshoot and vibrato.

What a singer adds to the notes of a score is modelled as by T. Saitou, M. Unoki and M. Akagi,
"Development of an F0 control model based on F0 dynamic characteristics for singing-voice
synthesis", Speech Communication 46 (2005), without its fine fluctuation.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import Attribute, field, frozen
from numpy.typing import NDArray

from autovoice_core._arguments import describe, is_number, plain_number
from autovoice_core._errors import ArgumentError
from autovoice_core.speech.score import ScoreNote

HOP_SECONDS = 0.005
"""Seconds between two values of the contour."""
LEAD_SHARE = 0.75
"""Share of a portamento that lies before the note that it leads to."""
MAX_LEGATO_GAP = 0.12
"""Seconds of rest up to which two notes are sung as one line."""
OVERSHOOT_SECONDS = 0.03
"""Seconds in which an overshoot decays to a third."""
VIBRATO_DELAY, VIBRATO_GROWTH = 0.3, 0.3
"""Seconds of a note before its vibrato begins, and until it is full."""


def _between(low: float, high: float, unit: str) -> Any:
    def check(_: Expression, attribute: Attribute[float], value: Any) -> None:
        if not is_number(value) or not low <= value <= high:
            raise ArgumentError(
                f"{attribute.name}: {describe(value)} is not a number of {unit} from {low:g} to "
                f"{high:g}"
            )

    return check


@frozen
class Expression:
    """What a singer adds to the notes.

    Attributes
    ----------
    portamento
        Seconds of the glide from one note to the next, 0 to 0.5.
    overshoot
        Cents by which a glide passes its note before it settles, 0 to 100.
    vibrato_extent
        Cents of vibrato to either side on long notes, 0 to 200; ``Style.vibrato`` multiplies it.
    vibrato_rate
        Hz, 3 to 9.

    Raises
    ------
    InputError
        A value is not a number, or out of range.
    """

    portamento: float = field(
        default=0.05, converter=plain_number, validator=_between(0.0, 0.5, "seconds")
    )
    overshoot: float = field(
        default=15.0, converter=plain_number, validator=_between(0.0, 100.0, "cents")
    )
    vibrato_extent: float = field(
        default=12.0, converter=plain_number, validator=_between(0.0, 200.0, "cents")
    )
    vibrato_rate: float = field(
        default=5.5, converter=plain_number, validator=_between(3.0, 9.0, "Hz")
    )


def melody_f0(
    notes: Sequence[ScoreNote], expression: Expression, seconds: float
) -> NDArray[np.float64]:
    """Return f0 (Hz) every :data:`HOP_SECONDS` from 0 to ``seconds``.

    Before the first note and through rests the pitch of the next note is held, for the consonants
    that lead it.
    """
    times = np.asarray(HOP_SECONDS * np.arange(int(seconds / HOP_SECONDS) + 1), np.float64)
    key = _sounding_keys(notes, times)
    # Each note is shaped within its own span: of an hour, all of it took an hour's time a note.
    for before, note in pairwise(notes):
        if note.start - before.end <= MAX_LEGATO_GAP:
            span = _span(times, note.start - expression.portamento, note.end)
            _connect(key[span], times[span], before, note, expression)
    for note in notes:
        if note.end - note.start > VIBRATO_DELAY:
            span = _span(times, note.start + VIBRATO_DELAY, note.end)
            key[span] += _vibrato(times[span], note, expression)
    return np.asarray(440.0 * 2.0 ** ((key - 69.0) / 12.0))


def _span(times: NDArray[np.float64], start: float, end: float) -> slice:
    """Return where the times from ``start`` up to ``end`` lie."""
    first, stop = np.searchsorted(times, (start, end))
    return slice(int(first), int(stop))


def _sounding_keys(notes: Sequence[ScoreNote], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the MIDI number of the note at each time; in a rest that of the next one."""
    starts, ends = (
        np.asarray([getattr(note, edge) for note in notes]) for edge in ("start", "end")
    )
    current = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, None)
    rests = (times >= ends[current] + MAX_LEGATO_GAP) & (current < len(notes) - 1)
    keys = np.asarray([note.key for note in notes], np.float64)
    return np.asarray(keys[current + rests], np.float64)


def _connect(
    key: NDArray[np.float64],
    times: NDArray[np.float64],
    before: ScoreNote,
    note: ScoreNote,
    expression: Expression,
) -> None:
    """Glide from one note into the next, and past it, within the times of both; changes ``key``."""
    step = note.key - before.key
    if step == 0:
        return
    if expression.portamento > 0:
        length = min(expression.portamento, note.end - note.start, before.end - before.start)
        progress = (times - note.start) / length + LEAD_SHARE
        gliding = (progress > 0) & (progress < 1)
        key[gliding] = before.key + step * (0.5 - 0.5 * np.cos(np.pi * progress[gliding]))
    since = times - note.start - (1 - LEAD_SHARE) * expression.portamento
    settling = since >= 0
    past = since[settling] / OVERSHOOT_SECONDS
    # Rises from 0 and decays: e * x * exp(-x) has its peak of 1 at x = 1.
    key[settling] += np.sign(step) * expression.overshoot / 100.0 * np.e * past * np.exp(-past)


def _vibrato(
    times: NDArray[np.float64], note: ScoreNote, expression: Expression
) -> NDArray[np.float64]:
    """Return the vibrato of one note, in semitones, at times after its delay and before its end."""
    since = times - note.start - VIBRATO_DELAY
    extent = np.clip(since / VIBRATO_GROWTH, 0.0, 1.0)
    # Gone before the next note.
    extent *= np.clip((note.end - times) / 0.1, 0.0, 1.0)
    turns = expression.vibrato_rate * since
    return np.asarray(expression.vibrato_extent / 100.0 * extent * np.sin(2 * np.pi * turns))

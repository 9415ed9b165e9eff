"""What a voice's recordings show of it, and what they lack."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from autovoice_core._errors import InputError

NOTES = 128
"""MIDI numbers, 69 for A4 at 440 Hz."""

_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_ENOUGH_S = 60.0
_SUNG_S = 0.2  # what counts as a note that was sung
_UP, _DOWN = 9, 7  # semitones that a singer reaches from the middle of the voice, and more
_GAP, _PART = 4, 0.1  # semitones, and how much of the voice must be on either side
_DYNAMICS, _NOISE = 8.0, 25.0  # dB


def _seconds(values: Iterable[float]) -> tuple[float, ...]:
    seconds = tuple(float(value) for value in values)
    if len(seconds) != NOTES or not all(0 <= value < math.inf for value in seconds):
        raise InputError(f"notes: not {NOTES} durations in seconds; give one for each MIDI note")
    return seconds


@frozen
class Heard:
    """What the recordings of a voice show.

    Attributes
    ----------
    notes
        Seconds that each MIDI note is voiced, 128 of them.
    dynamics
        dB from the 10th to the 90th percentile of the voice's level.
    noise
        dB by which what lies between the sounds is under the voice.
    """

    notes: tuple[float, ...] = field(converter=_seconds, repr=False)
    dynamics: float = field(converter=float)
    noise: float = field(converter=float)

    @classmethod
    def of(
        cls, f0: NDArray[np.float64], levels: NDArray[np.float64], noise: float, hop: float
    ) -> Heard:
        """Return what voiced frames show: ``(frames,)`` Hz, ``(frames,)`` dB, ``hop`` s apart."""
        numbers = np.clip(np.rint(69 + 12 * np.log2(f0 / 440.0)), 0, NOTES - 1).astype(np.int64)
        seconds = hop * np.bincount(numbers, minlength=NOTES)
        return cls(seconds.round(3), float(np.ptp(np.percentile(levels, (10, 90)))), noise)

    def lacks(self) -> Iterator[str]:
        """Yield a sentence for each thing that more recordings should bring."""
        seconds = np.asarray(self.notes)
        total = float(seconds.sum())
        if total < _ENOUGH_S:
            yield f"only {total:.0f} s voiced; a minute or more holds more of the voice's sounds"
        sung = np.flatnonzero((seconds > 0) & (seconds >= min(_SUNG_S, 0.02 * total)))
        if sung.size:
            middle = int(np.searchsorted(np.cumsum(seconds), 0.5 * total))
            if sung[-1] < middle + _UP:
                yield f"no high notes above {name(sung[-1])}"
            if sung[0] > middle - _DOWN:
                yield f"no low notes below {name(sung[0])}"
            for low, high in pairwise(sung):
                least = min(seconds[: low + 1].sum(), seconds[high:].sum())
                if high - low > _GAP and least > _PART * total:
                    yield f"no notes between {name(low)} and {name(high)}"
        if self.dynamics < _DYNAMICS:
            yield (
                f"soft and loud are only {self.dynamics:.0f} dB apart; sing softly and loudly too"
            )
        if self.noise < _NOISE:
            yield (f"noise is only {self.noise:.0f} dB under the voice; record where it is quieter")


def name(number: Any) -> str:
    """Return the name of a MIDI note, e.g. ``"A4"``."""
    return f"{_NAMES[int(number) % 12]}{int(number) // 12 - 1}"


def note(hertz: float) -> str:
    """Return the name of the note nearest to a frequency."""
    return name(round(69 + 12 * math.log2(hertz / 440)))

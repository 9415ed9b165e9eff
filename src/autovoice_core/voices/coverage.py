"""``Coverage``: the notes, dynamics and noise of a voice's recordings, and what they lack."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from autovoice_core._arguments import is_number
from autovoice_core._errors import InputError
from autovoice_core.pitch.notes import midi_note_name
from autovoice_core.voices.limits import MAX_LEVEL_DB, MAX_SECONDS, as_float, is_between

MIDI_NOTES = 128
"""Number of MIDI notes; note 69 is A4, 440 Hz."""

_MIN_VOICED_SECONDS = 20.0  # more of them gain next to nothing
_ADVISED_SECONDS = 40.0  # of speech hold 22 s of voiced sound
_MIN_NOTE_SECONDS = 0.2
_MIN_NOTE_FRACTION = 0.02  # of all voiced sound, where there is little of it
# Semitones from the median that any singer reaches.
_REACH_UP, _REACH_DOWN = 9, 7
_MAX_GAP_SEMITONES = 4
_MIN_FRACTION_PER_SIDE = 0.1  # of all voiced sound, on either side of a gap
_MIN_DYNAMICS_DB = 8.0
_MIN_NOISE_DISTANCE_DB = 30.0  # at 27 to 29 likeness falls by 0.05 to 0.07


_is_distance = is_between(-MAX_LEVEL_DB, MAX_LEVEL_DB, "dB")


def _checked_seconds(values: Iterable[float]) -> tuple[float, ...]:
    if isinstance(values, (list, tuple, np.ndarray)) and len(values) == MIDI_NOTES:
        seconds = [as_float(value) for value in values]
        if all(is_number(value) and 0 <= value <= MAX_SECONDS for value in seconds):
            return tuple(seconds)
    raise InputError(f"notes: not {MIDI_NOTES} durations in seconds; give one for each MIDI note")


@frozen
class Coverage:
    """The notes, dynamics and noise of the recordings of a voice.

    Attributes
    ----------
    notes
        Seconds that each MIDI note is voiced, 128 of them.
    dynamics
        dB from the 10th to the 90th percentile of the voice's level.
    noise
        dB by which the noise between sounds lies below the voice.
    """

    notes: tuple[float, ...] = field(converter=_checked_seconds, repr=False)
    dynamics: float = field(converter=as_float, validator=_is_distance)
    noise: float = field(converter=as_float, validator=_is_distance)

    @classmethod
    def from_frames(
        cls, f0: NDArray[np.float64], levels: NDArray[np.float64], noise: float, hop: float
    ) -> Coverage:
        """Return the coverage of voiced frames: ``(frames,)`` Hz and dB, ``hop`` s apart."""
        numbers = np.rint(69 + 12 * np.log2(f0 / 440.0))
        numbers = np.clip(numbers, 0, MIDI_NOTES - 1).astype(np.int64)
        seconds = hop * np.bincount(numbers, minlength=MIDI_NOTES)
        return cls(seconds.round(3), float(np.ptp(np.percentile(levels, (10, 90)))), noise)

    def missing(self) -> Iterator[str]:
        """Yield a piece of advice for each thing that more recordings should add."""
        seconds = np.asarray(self.notes)
        total = float(seconds.sum())
        if total < _MIN_VOICED_SECONDS:
            yield f"record {_ADVISED_SECONDS:.0f} s or more, as only {total:.0f} s are voiced"
        yield from _missing_notes(seconds, total)
        if self.dynamics < _MIN_DYNAMICS_DB:
            yield f"sing softly and loudly, as they are only {self.dynamics:.0f} dB apart"
        if self.noise < _MIN_NOISE_DISTANCE_DB:
            yield (
                "record in a quieter place, as the noise is only "
                f"{self.noise:.0f} dB below the voice"
            )


def _missing_notes(seconds: NDArray[np.float64], total: float) -> Iterator[str]:
    min_seconds = min(_MIN_NOTE_SECONDS, _MIN_NOTE_FRACTION * total)
    sung = np.flatnonzero((seconds > 0) & (seconds >= min_seconds))
    if not sung.size:
        return
    median = int(np.searchsorted(np.cumsum(seconds), 0.5 * total))
    if sung[-1] < median + _REACH_UP:
        yield f"sing higher, as there is nothing above {midi_note_name(sung[-1])}"
    if sung[0] > median - _REACH_DOWN:
        yield f"sing lower, as there is nothing below {midi_note_name(sung[0])}"
    for low, high in pairwise(sung):
        smaller_side = min(seconds[: low + 1].sum(), seconds[high:].sum())
        if high - low > _MAX_GAP_SEMITONES and smaller_side > _MIN_FRACTION_PER_SIDE * total:
            ends = f"{midi_note_name(low)} and {midi_note_name(high)}"
            yield f"sing between {ends}, as there is nothing in between"

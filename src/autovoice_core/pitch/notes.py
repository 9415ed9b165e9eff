"""Notes: their names, and those of a pitch track with key, start, end and bends."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack

MEDIAN_SECONDS = 0.18
"""Seconds of the median filter that removes vibrato: one period of it."""
KEY_CHANGE_SEMITONES = 0.7
"""Semitones by which the median must leave a note's key for another note to begin."""
MIN_NOTE_SECONDS = 0.08
"""Seconds of the shortest note; what is shorter belongs to the note that it leads to."""
_NAMES = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")


def _rounded(value: float) -> str:
    return repr(round(value, 4))


@frozen(eq=False)
class Note:
    """A stretch of a pitch track that is one note.

    Attributes
    ----------
    start, end
        Seconds.
    key
        MIDI number, 69 for A4 at 440 Hz.
    bend
        ``(frames,)`` semitones by which each frame of the track lies over the key, the first at
        ``start``.
    confidence
        The mean over its frames, 0 to 1.
    """

    start: float = field(repr=_rounded)
    end: float = field(repr=_rounded)
    key: int
    bend: NDArray[np.float64] = field(repr=False)
    confidence: float = field(repr=_rounded)


def midi_note_name(number: Any) -> str:
    """Return the name of a MIDI note, e.g. ``"A4"``."""
    return f"{_NAMES[int(number) % 12]}{int(number) // 12 - 1}"


def midi_number(hertz: float) -> float:
    """Return the MIDI number of a frequency, between two notes where it is: 69 for 440 Hz."""
    return 69 + 12 * math.log2(hertz / 440.0)


def hertz_of(number: float) -> float:
    """Return the frequency of a MIDI number: 440 Hz of 69."""
    return 440.0 * 2 ** ((number - 69) / 12)


def nearest_note_name(hertz: float) -> str:
    """Return the name of the note nearest to a frequency."""
    return midi_note_name(round(midi_number(hertz)))


def notes(track: PitchTrack) -> list[Note]:
    """Return the notes of a track, in order, none overlapping.

    Every voiced stretch is cut where the median of its pitch over a period of vibrato leaves the
    current key; an unvoiced frame always ends a note.
    """
    found = []
    edges = np.flatnonzero(np.diff(track.voiced.astype(np.int8), prepend=0, append=0))
    for first, stop in zip(edges[::2], edges[1::2], strict=True):
        pitch = 69 + 12 * np.log2(track.f0[first:stop] / 440.0)
        for begin, end in pairwise(_cuts(pitch, track.hop)):
            part = pitch[begin:end]
            key = int(np.clip(np.rint(np.median(part)), 0, 127))
            found.append(
                Note(
                    float(track.start + (first + begin) * track.hop),
                    float(track.start + (first + end) * track.hop),
                    key,
                    part - key,
                    float(track.confidence[first + begin : first + end].mean()),
                )
            )
    return [note for note in found if note.end - note.start > MIN_NOTE_SECONDS / 2]


def _cuts(pitch: NDArray[np.float64], hop: float) -> list[int]:
    """Return the first frames of the notes of one voiced stretch, and its end."""
    half = round(MEDIAN_SECONDS / hop / 2)
    padded = np.pad(pitch, half, constant_values=np.nan)
    middle = np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    cuts, key, reached = [0], np.rint(middle[0]), 0
    for frame, value in enumerate(middle.tolist()):
        if abs(value - key) > KEY_CHANGE_SEMITONES:
            if (frame - reached) * hop >= MIN_NOTE_SECONDS:  # else a glide has only passed through
                cuts.append(frame)
            key, reached = np.rint(value), frame
    if len(cuts) > 1 and (len(pitch) - cuts[-1]) * hop < MIN_NOTE_SECONDS:
        cuts.pop()
    return [*cuts, len(pitch)]

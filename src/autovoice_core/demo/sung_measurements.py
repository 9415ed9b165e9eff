"""The figures of the sung demo: against its notes, and of the conversion."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from attrs import frozen

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.demo.measurements import Measurement, loudness_of
from autovoice_core.metrics import Metrics
from autovoice_core.speech.score import ScoreNote

HELD_EDGE_SECONDS = 0.1
"""Seconds at both ends of a note in which f0 may glide."""
MAX_CENTS = 50.0


@frozen(eq=False)
class SungDemo:
    """The sung line, in the engine's own voice and in the second one, and what was to be sung.

    Attributes
    ----------
    notes
        The melody.
    own, converted
        The song in both voices.
    own_pitch, converted_pitch
        As tracked in them.
    judged
        The conversion, judged against the engine's own voice.
    """

    notes: Sequence[ScoreNote]
    own: Audio
    converted: Audio
    own_pitch: PitchTrack
    converted_pitch: PitchTrack
    judged: Metrics


def measure_sung(song: SungDemo) -> tuple[Measurement, ...]:
    """Return the figures."""
    own, converted = (
        note_errors(track, song.notes) for track in (song.own_pitch, song.converted_pitch)
    )
    judged = song.judged
    return (
        Measurement("singing", "f0 off the notes, median", own[0], "cents"),
        Measurement("singing", "held notes off by over 50 cents", own[1], "%"),
        Measurement("conversion", "f0 off the notes, median", converted[0], "cents", own[0]),
        Measurement("conversion", "held notes off by over 50 cents", converted[1], "%", own[1]),
        Measurement(
            "conversion",
            "similarity to the voice",
            _percent(judged.similarity_to_target),
            "%",
            _percent(judged.source_to_target),
        ),
        Measurement("conversion", "phones heard otherwise", judged.phone_error, "%"),
        Measurement("song", "loudness", *loudness_of(song.converted, song.own)),
        Measurement("song", "length", song.converted.frames, "samples", song.own.frames),
    )


def note_errors(track: PitchTrack, notes: Sequence[ScoreNote]) -> tuple[float | None, float | None]:
    """Return how f0 of held notes differs from the score.

    Returns
    -------
    tuple
        The median distance in cents, and percent of the voiced frames off by more than
        :data:`MAX_CENTS`; None where no frame is voiced.
    """
    cents = [np.zeros(0)]
    for note in notes:
        held = track.voiced & (track.times >= note.start + HELD_EDGE_SECONDS)
        held &= track.times <= note.end - HELD_EDGE_SECONDS
        cents.append(np.abs(1200 * np.log2(track.f0[held] / 440) - 100 * (note.key - 69)))
    found = np.concatenate(cents)
    if not found.size:
        return None, None
    return float(np.median(found)), float(100 * np.mean(found > MAX_CENTS))


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share

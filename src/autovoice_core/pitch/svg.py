"""Pitch tracks as SVG, which needs no library to draw."""

from __future__ import annotations

import numpy as np

from autovoice_core._types import PitchTrack
from autovoice_core.pitch.notes import midi_note_name, midi_number

MAX_GLIDE_OCTAVES = 0.2
"""The most that f0 moves between two points of one line; where it moves more, the line breaks."""


def pitch_path(
    pitch: PitchTrack, columns: int, *, lowest: float, highest: float, semitones: float = 0.0
) -> str:
    """Return a track as the ``d`` attribute of an SVG path, in a view box of 1000 by 1000.

    One point a column; ``highest`` Hz lies at the top, ``lowest`` at the bottom.
    """
    frames = np.linspace(0, len(pitch) - 1, min(len(pitch), columns)).astype(np.int64)
    f0 = pitch.f0[frames] * 2 ** (semitones / 12)
    drawn = pitch.voiced[frames] & (f0 >= lowest) & (f0 <= highest)
    height = np.log2(np.where(drawn, f0, lowest) / lowest)
    x = 1000 * frames / max(len(pitch) - 1, 1)
    y = 1000 * (1 - height / np.log2(highest / lowest))
    steps = np.abs(np.diff(height, prepend=height[:1]))
    joined = drawn & np.roll(drawn, 1) & (steps <= MAX_GLIDE_OCTAVES) & (x > 0)
    return "".join(
        f"{'L' if joined[i] else 'M'}{x[i]:.1f} {y[i]:.0f}" for i in np.flatnonzero(drawn)
    )


def f0_range(*tracks: tuple[PitchTrack, float]) -> tuple[float, float]:
    """Return the lowest and the highest f0, Hz, of tracks shifted by semitones, with a margin.

    The outermost 2 % at each end of a track are ignored, as that is where the errors lie.
    """
    voiced = [t.f0[t.voiced] * 2 ** (semitones / 12) for t, semitones in tracks if t.voiced.any()]
    if not voiced:
        return 100.0, 400.0
    low = min(float(np.percentile(each, 2)) for each in voiced)
    high = max(float(np.percentile(each, 98)) for each in voiced)
    return low * 2 ** (-2 / 12), high * 2 ** (2 / 12)


def note_ticks(lowest: float, highest: float) -> list[tuple[float, str]]:
    """Return at most eight notes of a range in Hz, as heights from 0 to 1 and names."""
    first, last = (midi_number(hz) for hz in (lowest, highest))
    step = next(s for s in (1, 2, 3, 4, 6, 12, 24) if (last - first) / s <= 7 or s == 24)
    numbers = range(int(np.ceil(first / step)) * step, int(last) + 1, step)
    return [((n - first) / (last - first), midi_note_name(n)) for n in numbers]

"""The picture of the sung demo: words, notes with the f0 over them, and both voices."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core.demo.measurements import Measurement
from autovoice_core.demo.panels import (
    AFTER_COLOUR,
    BEFORE_COLOUR,
    DARK_COLOUR,
    FAINT_TEXT_COLOUR,
    MIXTURE_COLOUR,
    TEXT_COLOUR,
    draw_curve,
    draw_spectrogram,
    draw_title,
    draw_waveforms,
    magnitude,
    new_figure,
    save,
)
from autovoice_core.demo.summary import format_value
from autovoice_core.demo.sung_line import SungSyllable
from autovoice_core.demo.sung_measurements import SungDemo
from autovoice_core.pitch.notes import midi_note_name

MARGIN_SEMITONES = 2.5
"""Semitones that are shown beyond the lowest and the highest note."""
GAP_SECONDS = 0.02
"""Seconds between the bars of two notes."""


def draw_sung(
    song: SungDemo,
    line: Sequence[SungSyllable],
    measured: Sequence[Measurement],
    voice: str,
    path: Path,
) -> None:
    """Draw the sung demo and write it as a PNG file of 1320 by 1100 pixels."""
    figure, axes = new_figure([1, 2, 2, 2])
    found = {(each.stage, each.what): format_value(each.value, each.unit) for each in measured}
    error = "f0 off the notes, median"

    draw_waveforms(axes[0], (song.converted, MIXTURE_COLOUR, voice))
    _words(axes[0], song, line)
    draw_title(axes[0], "Words, sung from nothing but text and notes", "")
    _notes(axes[1], song)
    draw_title(
        axes[1],
        "The notes, and the f0 that was sung",
        f"off by {found['singing', error]} in the engine's voice, "
        f"by {found['conversion', error]} in the {voice}'s",
    )
    full = float(magnitude(song.own).max())
    draw_spectrogram(axes[2], song.own, full)
    draw_curve(axes[2], song.own_pitch, BEFORE_COLOUR, "f0")
    draw_title(axes[2], "In the speech engine's own voice", "before.wav")
    draw_spectrogram(axes[3], song.converted, full)
    draw_curve(axes[3], song.converted_pitch, AFTER_COLOUR, "f0")
    draw_title(axes[3], f"In the voice of the {voice}", "after.wav")
    save(figure, axes, song.own.duration, path)


def _words(axes: Any, song: SungDemo, line: Sequence[SungSyllable]) -> None:
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.35 * (high - low))
    for syllable, note in zip(line, song.notes, strict=True):
        axes.axvline(note.start, color=FAINT_TEXT_COLOUR, linewidth=0.6, alpha=0.5)
        axes.text(
            note.start + 0.03,
            high + 0.1 * (high - low),
            syllable.text,
            color=TEXT_COLOUR,
            fontsize=10,
        )


def _notes(axes: Any, song: SungDemo) -> None:
    """Draw the score as bars, one semitone high, and f0 over them."""
    axes.set_facecolor(DARK_COLOUR)
    for note in song.notes:
        length = note.end - note.start - GAP_SECONDS
        axes.barh(note.key, length, 1.0, note.start, color=MIXTURE_COLOUR, alpha=0.35)
    for track, colour, label in (
        (song.own_pitch, BEFORE_COLOUR, "the engine's voice"),
        (song.converted_pitch, AFTER_COLOUR, "converted"),
    ):
        key = 69 + 12 * np.log2(np.where(track.voiced, track.f0, np.nan) / 440)
        axes.plot(track.times, key, color=colour, linewidth=1.5, label=label)
    keys = sorted({note.key for note in song.notes})
    axes.set_ylim(keys[0] - MARGIN_SEMITONES, keys[-1] + MARGIN_SEMITONES)
    axes.set_yticks(keys, [midi_note_name(key) for key in keys])
    axes.tick_params(colors=FAINT_TEXT_COLOUR, labelsize=9)
    axes.spines[:].set_visible(False)
    axes.legend(
        loc="upper right",
        ncols=2,
        labelcolor="white",
        facecolor="#00000088",
        edgecolor="none",
        fontsize=9,
    )

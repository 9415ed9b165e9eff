"""The demo as a picture: the mixture, the vocals taken out of it, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.atomic import moved_into_place
from autovoice_core.audio.source import as_source
from autovoice_core.audio.spectrogram import decibels, spectrogram
from autovoice_core.demo.measuring import Measured, Performance
from autovoice_core.demo.report import shown

LOWEST, HIGHEST = 70.0, 8000.0
"""Hz, the ends of the logarithmic frequency axis."""
RANGE_DB = 65.0
COLUMNS, ROWS = 1200, 320
JUMP = 0.2
"""Octaves between two frames that no voice glides over."""
TICKS = (100, 200, 500, 1000, 2000, 5000)

INK, FAINT = "#1d2433", "#697386"
BAND, OLD, NEW = "#c3cad6", "#4cc9f0", "#b8f35a"


def draw(
    done: Performance, new_pitch: PitchTrack, measured: Sequence[Measured], path: Path
) -> None:
    """Draw the demo and write it as a PNG file of 1320 by 1100 pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mixture = done.song.mixture
    figure = Figure(figsize=(12, 10), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(4, 1, sharex=True, height_ratios=[0.8, 2, 2, 2])
    found = {(each.stage, each.what): shown(each.value, each.unit) for each in measured}

    _waveforms(axes[0], mixture, done.vocals)
    _title(
        axes[0],
        f"A {done.singer.name} over a band, and what was heard of the {done.singer.name}",
        "",
    )
    full = float(_magnitude(mixture).max())
    _spectrogram(axes[1], mixture, full)
    _title(axes[1], "The mixture", "before.wav")
    _spectrogram(axes[2], done.vocals, full)
    _curve(axes[2], done.pitch, OLD, "f0 before")
    _title(
        axes[2],
        "The vocals, separated",
        f"SDR {found['separation', 'SDR of the vocals']}, "
        f"f0 within {found['pitch', 'median f0 error']} of what was sung",
    )
    _spectrogram(axes[3], done.converted, full)
    _curve(axes[3], done.pitch, OLD, "f0 before", style=(0, (1, 1.5)))
    _curve(axes[3], new_pitch, NEW, "f0 after")
    _title(
        axes[3],
        f"The vocals, sung again by the {done.second_singer.name}",
        f"moved by {found['conversion', 'key, moved by']}, "
        f"f0 within {found['conversion', 'median f0 error']}",
    )
    axes[3].set_xlabel("seconds", color=FAINT)
    axes[3].set_xlim(0, mixture.duration)
    for each in axes[:3]:
        each.tick_params(bottom=False)
    with moved_into_place(path) as temporary:
        figure.savefig(temporary, format="png")


def _waveforms(axes: Any, mixture: Audio, vocals: Audio) -> None:
    for audio, colour, label in ((mixture, BAND, "mixture"), (vocals, OLD, "vocals")):
        samples = audio.mono().numpy()[0]
        columns = np.array_split(samples, min(COLUMNS, max(len(samples), 1)))
        times = np.linspace(0, audio.duration, len(columns))
        low, high = ([pick(column) for column in columns] for pick in (np.min, np.max))
        axes.fill_between(times, low, high, color=colour, linewidth=0, label=label)
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 0.96),
        ncols=2,
        frameon=False,
        labelcolor=FAINT,
        fontsize=9,
    )


def _spectrogram(axes: Any, audio: Audio, full: float) -> None:
    axes.imshow(
        decibels(_magnitude(audio), full, RANGE_DB),
        origin="lower",
        aspect="auto",
        extent=(0, audio.duration, np.log2(LOWEST), np.log2(HIGHEST)),
        cmap="magma",
        vmin=-RANGE_DB,
        vmax=-5,
        interpolation="bilinear",
    )
    axes.set_yticks(
        np.log2(TICKS), [f"{tick / 1000:g}k" if tick >= 1000 else f"{tick}" for tick in TICKS]
    )
    axes.set_ylim(np.log2(LOWEST), np.log2(HIGHEST))
    axes.set_ylabel("Hz", color=FAINT)
    axes.tick_params(colors=FAINT, labelsize=9)
    axes.spines[:].set_visible(False)


def _magnitude(audio: Audio) -> NDArray[np.float32]:
    return spectrogram(as_source(audio), columns=COLUMNS, rows=ROWS, lowest=LOWEST, highest=HIGHEST)


def _curve(axes: Any, pitch: PitchTrack, colour: str, label: str, style: Any = "-") -> None:
    from matplotlib.patheffects import Normal, Stroke

    height = np.log2(np.where(pitch.voiced, pitch.f0, np.nan))
    # A line that jumps is two lines.
    height[1:][np.abs(np.diff(height)) > JUMP] = np.nan
    outline = [Stroke(linewidth=3.6, foreground="#00000099"), Normal()] if style == "-" else []
    axes.plot(
        pitch.times,
        height,
        color=colour,
        linewidth=1.8,
        linestyle=style,
        label=label,
        path_effects=outline,
    )
    axes.legend(
        loc="upper right",
        ncols=2,
        labelcolor="white",
        facecolor="#00000088",
        edgecolor="none",
        fontsize=9,
    )


def _title(axes: Any, head: str, rest: str) -> None:
    axes.set_title(head, loc="left", color=INK, fontweight="bold", fontsize=11)
    axes.set_title(rest, loc="right", color=FAINT, fontsize=9.5)

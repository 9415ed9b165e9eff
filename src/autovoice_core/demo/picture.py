"""A picture of a demo: the mixture, the separated vocals, and the converted ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.spectrogram import decibels, spectrogram
from autovoice_core.demo.measurements import DemoSong, Measurement
from autovoice_core.demo.summary import format_value
from autovoice_core.report.charts import (
    DYNAMIC_RANGE_DB,
    FREQUENCY_TICKS,
    MAX_GLIDE_OCTAVES,
    MAX_HZ,
    MIN_HZ,
    frequency_label,
)

COLUMNS, ROWS = 1200, 320
TEXT_COLOUR, FAINT_TEXT_COLOUR = "#1d2433", "#697386"
MIXTURE_COLOUR, BEFORE_COLOUR, AFTER_COLOUR = "#c3cad6", "#4cc9f0", "#b8f35a"


def draw(
    song: DemoSong, converted_pitch: PitchTrack, measured: Sequence[Measurement], path: Path
) -> None:
    """Draw the demo and write it as a PNG file of 1320 by 1100 pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    mixture = song.reference.mixture
    figure = Figure(figsize=(12, 10), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(4, 1, sharex=True, height_ratios=[0.8, 2, 2, 2])
    found = {(each.stage, each.what): format_value(each.value, each.unit) for each in measured}

    _waveforms(axes[0], mixture, song.vocals)
    _title(
        axes[0],
        f"A {song.singer.name} over a band, and the separated {song.singer.name}",
        "",
    )
    full = float(_magnitude(mixture).max())
    _spectrogram(axes[1], mixture, full)
    _title(axes[1], "The mixture", "before.wav")
    _spectrogram(axes[2], song.vocals, full)
    _curve(axes[2], song.pitch, BEFORE_COLOUR, "f0 before")
    _title(
        axes[2],
        "The vocals, separated",
        f"SDR {found['separation', 'SDR of the vocals']}, "
        f"f0 within {found['pitch', 'median f0 error']} of the truth",
    )
    _spectrogram(axes[3], song.converted, full)
    _curve(axes[3], song.pitch, BEFORE_COLOUR, "f0 before", style=(0, (1, 1.5)))
    _curve(axes[3], converted_pitch, AFTER_COLOUR, "f0 after")
    _title(
        axes[3],
        f"The vocals, converted to the {song.target_singer.name}",
        f"shifted by {found['conversion', 'key, moved by']}, "
        f"f0 within {found['conversion', 'median f0 error']}",
    )
    axes[3].set_xlabel("seconds", color=FAINT_TEXT_COLOUR)
    axes[3].set_xlim(0, mixture.duration)
    for each in axes[:3]:
        each.tick_params(bottom=False)
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png")


def _waveforms(axes: Any, mixture: Audio, vocals: Audio) -> None:
    for audio, colour, label in (
        (mixture, MIXTURE_COLOUR, "mixture"),
        (vocals, BEFORE_COLOUR, "vocals"),
    ):
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
        labelcolor=FAINT_TEXT_COLOUR,
        fontsize=9,
    )


def _spectrogram(axes: Any, audio: Audio, full: float) -> None:
    axes.imshow(
        decibels(_magnitude(audio), full, DYNAMIC_RANGE_DB),
        origin="lower",
        aspect="auto",
        extent=(0, audio.duration, np.log2(MIN_HZ), np.log2(MAX_HZ)),
        cmap="magma",
        vmin=-DYNAMIC_RANGE_DB,
        vmax=-5,
        interpolation="bilinear",
    )
    axes.set_yticks(np.log2(FREQUENCY_TICKS), [frequency_label(hz) for hz in FREQUENCY_TICKS])
    axes.set_ylim(np.log2(MIN_HZ), np.log2(MAX_HZ))
    axes.set_ylabel("Hz", color=FAINT_TEXT_COLOUR)
    axes.tick_params(colors=FAINT_TEXT_COLOUR, labelsize=9)
    axes.spines[:].set_visible(False)


def _magnitude(audio: Audio) -> NDArray[np.float32]:
    return spectrogram(as_source(audio), columns=COLUMNS, rows=ROWS, lowest=MIN_HZ, highest=MAX_HZ)


def _curve(axes: Any, pitch: PitchTrack, colour: str, label: str, style: Any = "-") -> None:
    from matplotlib.patheffects import Normal, Stroke

    height = np.log2(np.where(pitch.voiced, pitch.f0, np.nan))
    # The line breaks where f0 jumps.
    height[1:][np.abs(np.diff(height)) > MAX_GLIDE_OCTAVES] = np.nan
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
    axes.set_title(head, loc="left", color=TEXT_COLOUR, fontweight="bold", fontsize=11)
    axes.set_title(rest, loc="right", color=FAINT_TEXT_COLOUR, fontsize=9.5)

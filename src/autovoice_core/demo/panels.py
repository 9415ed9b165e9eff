"""The panels of a demo's picture: waveforms, spectrograms, and the curve of f0."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core._types import Audio, PitchTrack
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.spectrogram import decibels, spectrogram
from autovoice_core.pitch.svg import MAX_GLIDE_OCTAVES
from autovoice_core.report.charts import (
    DYNAMIC_RANGE_DB,
    FREQUENCY_TICKS,
    MAX_HZ,
    MIN_HZ,
    frequency_label,
)

PICTURE = "demo.png"
"""Name of the file."""
COLUMNS, ROWS = 1200, 320
TEXT_COLOUR, FAINT_TEXT_COLOUR = "#1d2433", "#697386"
MIXTURE_COLOUR, BEFORE_COLOUR, AFTER_COLOUR = "#c3cad6", "#4cc9f0", "#b8f35a"
DARK_COLOUR = "#1c1044"


def can_draw() -> bool:
    """Return whether matplotlib is installed; warn if it isn't."""
    if find_spec("matplotlib") is not None:
        return True
    warnings.warn(
        "the picture was left out: drawing needs matplotlib; install it with "
        "`pip install 'autovoice-core[plot]'`",
        AutoVoiceWarning,
        stacklevel=4,
    )
    return False


def new_figure(heights: Sequence[float]) -> tuple[Any, Any]:
    """Return a figure of 1320 by 1100 pixels, and its panels, one under another."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 10), dpi=110, facecolor="white", layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)


def save(figure: Any, axes: Any, seconds: float, path: Path) -> None:
    """Write a figure whose time axis has so many seconds as a PNG file."""
    axes[-1].set_xlabel("seconds", color=FAINT_TEXT_COLOUR)
    axes[-1].set_xlim(0, seconds)
    for each in axes[:-1]:
        each.tick_params(bottom=False)
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format="png")


def draw_waveforms(axes: Any, *sounds: tuple[Audio, str, str]) -> None:
    """Draw sounds, each with its colour and label, one over another."""
    for audio, colour, label in sounds:
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


def draw_spectrogram(axes: Any, audio: Audio, full: float) -> None:
    """Draw a spectrogram whose strongest colour is the magnitude ``full``."""
    axes.imshow(
        decibels(magnitude(audio), full, DYNAMIC_RANGE_DB),
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


def magnitude(audio: Audio) -> NDArray[np.float32]:
    """Return the magnitudes of a spectrogram: ``(ROWS, COLUMNS)``."""
    return spectrogram(as_source(audio), columns=COLUMNS, rows=ROWS, lowest=MIN_HZ, highest=MAX_HZ)


def draw_curve(axes: Any, pitch: PitchTrack, colour: str, label: str, style: Any = "-") -> None:
    """Draw f0 over a spectrogram."""
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


def draw_title(axes: Any, head: str, rest: str) -> None:
    """Write a heading at the left, and a remark at the right."""
    axes.set_title(head, loc="left", color=TEXT_COLOUR, fontweight="bold", fontsize=11)
    axes.set_title(rest, loc="right", color=FAINT_TEXT_COLOUR, fontsize=9.5)

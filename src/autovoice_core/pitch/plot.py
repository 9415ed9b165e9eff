"""Pictures of pitch tracks: f0 as a line on an axis of notes and Hz."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core._arguments import describe
from autovoice_core._errors import InputError
from autovoice_core._printable import printable
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.pitch.notes import midi_number, nearest_note_name

MAX_NOTE_LINES = 24
"""Most lines of notes across a picture."""
_DEFAULT_RANGE_HZ = (80.0, 800.0)


def draw(track: PitchTrack, ax: Any = None) -> Any:
    """Draw a track on matplotlib's ``ax``; see :meth:`autovoice_core.PitchTrack.plot`."""
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise _without_matplotlib("plot") from error
        ax = pyplot.subplots(figsize=_size(track))[1]
    elif not all(hasattr(ax, name) for name in ("plot", "scatter", "yaxis", "get_figure")):
        raise InputError(f"ax: {describe(ax)} is not matplotlib's Axes; omit it for a new figure")
    others = ax.has_data()
    ax.plot(track.times, np.where(track.voiced, track.f0, np.nan), linewidth=1, label="f0")
    # The points show how sure each frame is, and frames that stand alone, which a line can't.
    points = ax.scatter(
        track.times[track.voiced],
        track.f0[track.voiced],
        s=5,
        c=track.confidence[track.voiced],
        cmap="viridis_r",
        vmin=0,
        vmax=1,
        zorder=2,
    )
    times = (track.start, track.start + max(1, len(track) - 1) * track.hop)
    span = _range(track)
    if others:  # which stay in sight
        times, span = _union(times, ax.get_xlim()), _union(span, ax.get_ylim())
    else:
        ax.get_figure().colorbar(points, ax=ax, label="confidence", pad=0.02)
    ax.set_xlim(*times)
    ax.set_xlabel("time (s)")
    _set_note_axis(ax, *span)
    ax.legend(loc="upper right")
    return ax


def _set_note_axis(ax: Any, low: float, high: float) -> None:
    """Let the y axis be logarithmic from ``low`` to ``high`` Hz, with a line at every note."""
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    ax.set_yscale("log")
    ax.set_ylim(low, high)
    first, last = math.ceil(midi_number(low)), math.floor(midi_number(high))
    step = 1 + (last - first) // MAX_NOTE_LINES
    lines = 440.0 * 2 ** ((np.arange(first, last + 1, step) - 69) / 12)
    ax.yaxis.set_major_locator(FixedLocator(lines.tolist()))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(
        FuncFormatter(lambda hertz, _: f"{nearest_note_name(hertz)}  {hertz:.0f}")
    )
    ax.grid(axis="y", alpha=0.3)
    ax.set_ylabel("note, Hz")


def _union(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return min(one[0], other[0]), max(one[1], other[1])


def check_picture(path: str | Path) -> str:
    """Return the picture format that the suffix of ``path`` names, as matplotlib calls it.

    Raises
    ------
    InputError
        matplotlib is missing, or the suffix is not a picture format.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
    except ImportError as error:
        raise _without_matplotlib(str(path)) from error
    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in FigureCanvasAgg.get_supported_filetypes():
        raise InputError(f"{path}: the suffix is not a picture format; use .png, .svg or .pdf")
    return kind


def write_plot(
    track: PitchTrack, path: str | Path, *, title: str = "", overwrite: bool = True
) -> None:
    """Write the picture of a track; the suffix names the format.

    Raises
    ------
    InputError
        matplotlib is missing, the suffix is not a picture format, or the path can't be written to.
    """
    kind = check_picture(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_size(track))
    FigureCanvasAgg(figure)
    axes = draw(track, figure.add_subplot())
    axes.set_title(printable(title), parse_math=False)  # a name may hold anything
    with warnings.catch_warnings(), atomic_file(path, overwrite=overwrite) as temporary:
        # The font may lack letters of a name, which are drawn as boxes.
        warnings.filterwarnings("ignore", "Glyph .* missing")
        figure.tight_layout()
        figure.savefig(temporary, format=kind, dpi=100)


def _without_matplotlib(subject: str) -> InputError:
    return InputError(
        f"{subject}: drawing needs matplotlib; install it with `pip install 'autovoice-core[plot]'`"
    )


def _size(track: PitchTrack) -> tuple[float, float]:
    """Return width and height in inches."""
    return min(40.0, max(8.0, len(track) * track.hop / 2)), 4.5


def _range(track: PitchTrack) -> tuple[float, float]:
    """Return the lowest and highest frequency to show, Hz."""
    f0 = track.f0[track.voiced]
    return (float(f0.min()) / 1.1, float(f0.max()) * 1.1) if f0.size else _DEFAULT_RANGE_HZ

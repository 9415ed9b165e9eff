"""Pictures of pitch tracks: f0 as a line on an axis of notes and Hz."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from autovoice_core._arguments import describe
from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import atomic_file

MAX_NOTE_LINES = 24
"""Most lines of notes across a picture."""
_DEFAULT_RANGE_HZ = (80.0, 800.0)
_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


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
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    f0 = np.where(track.voiced, track.f0, np.nan)
    (line,) = ax.plot(track.times, f0, linewidth=1, label="f0")
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
    ax.get_figure().colorbar(points, ax=ax, label="confidence", pad=0.02)
    low, high = _range(track)
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    first, last = np.ceil(_note_number(low)), np.floor(_note_number(high))
    step = 1 + int(last - first) // MAX_NOTE_LINES
    lines = 440.0 * 2 ** ((np.arange(first, last + 1, step) - 69) / 12)
    ax.yaxis.set_major_locator(FixedLocator(lines.tolist()))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(lambda hertz, _: _tick(hertz)))
    ax.grid(axis="y", alpha=0.3)
    ax.set_xlim(track.start, track.start + max(1, len(track) - 1) * track.hop)
    ax.set_xlabel("time (s)")
    ax.set_ylabel("note, Hz")
    ax.legend(handles=[line], loc="upper right")
    return ax


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
    axes.set_title(title, parse_math=False)  # a name may hold dollar signs
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


def _note_number(hertz: float) -> float:
    """Return the MIDI note number, 69 for 440 Hz."""
    return 69 + 12 * float(np.log2(hertz / 440.0))


def _tick(hertz: float) -> str:
    number = round(_note_number(hertz))
    return f"{_NAMES[number % 12]}{number // 12 - 1}  {hertz:.0f}"

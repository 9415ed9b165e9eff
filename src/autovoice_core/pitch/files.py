"""Writers of pitch tracks: a CSV table, JSON, a picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import atomic_file

HEADER = "time_s,f0_hz,voiced,confidence"


def write_csv(track: PitchTrack, path: str | Path) -> None:
    """Write a table with the columns of :data:`HEADER`; f0 is 0 where unvoiced.

    Raises
    ------
    InputError
        The path can't be written to.
    """
    rows = zip(track.times, track.f0, track.voiced, track.confidence, strict=True)
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(f"{HEADER}\n")
        for time, f0, voiced, confidence in rows:
            file.write(f"{time:.6f},{f0:.4f},{voiced:d},{confidence:.4f}\n")


def write_json(track: PitchTrack, path: str | Path) -> None:
    """Write the track as one JSON object: hop, start, arrays, and what made it.

    Raises
    ------
    InputError
        The path can't be written to.
    """
    data = {
        "hop_s": track.hop,
        "start_s": track.start,
        "made_by": [str(made) for made in track.made_by],
        "f0_hz": [round(float(value), 4) for value in track.f0],
        "voiced": track.voiced.tolist(),
        "confidence": [round(float(value), 4) for value in track.confidence],
    }
    with atomic_file(path) as temporary:
        temporary.write_text(json.dumps(data), encoding="utf-8")


def write_plot(track: PitchTrack, path: str | Path, *, title: str = "") -> None:
    """Draw f0 over time, darker where the confidence is greater, with the notes as lines.

    Raises
    ------
    InputError
        matplotlib is missing, the suffix is not a picture format, or the path can't be written to.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
    except ImportError as error:
        raise InputError(
            f"{path}: drawing needs matplotlib; install it with "
            "`pip install 'autovoice-core[plot]'`"
        ) from error
    figure = Figure(figsize=(min(40.0, max(8.0, len(track) * track.hop / 2)), 4.5))
    canvas = FigureCanvasAgg(figure)
    kind = Path(path).suffix.lstrip(".").lower()
    if kind not in canvas.get_supported_filetypes():
        raise InputError(f"{path}: the suffix is not a picture format; use .png, .svg or .pdf")
    axes = figure.add_subplot()
    f0 = track.f0[track.voiced]
    low, high = (f0.min() / 1.1, f0.max() * 1.1) if f0.size else (80.0, 800.0)
    axes.scatter(
        track.times[track.voiced],
        f0,
        s=5,
        c=track.confidence[track.voiced],
        cmap="viridis_r",
        vmin=0,
        vmax=1,
    )
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    first, last = np.ceil(_note_number(low)), np.floor(_note_number(high))
    step = 1 + int(last - first) // 24
    lines = 440.0 * 2 ** ((np.arange(first, last + 1, step) - 69) / 12)
    axes.yaxis.set_major_locator(FixedLocator(lines.tolist()))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda hertz, _: _note_name(hertz)))
    axes.grid(axis="y", alpha=0.3)
    axes.set_xlim(track.start, max(track.start + track.hop, float(track.times[-1])))
    axes.set_xlabel("time (s)")
    axes.set_title(title)
    figure.tight_layout()
    with atomic_file(path) as temporary:
        figure.savefig(temporary, format=kind, dpi=100)


_NAMES = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


def _note_number(hertz: float) -> float:
    """Return the MIDI note number, 69 for 440 Hz."""
    return 69 + 12 * float(np.log2(hertz / 440.0))


def _note_name(hertz: float) -> str:
    number = round(_note_number(hertz))
    return f"{_NAMES[number % 12]}{number // 12 - 1}"

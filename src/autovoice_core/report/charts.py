"""The charts of a report: spectrograms as PNG, pitch as SVG paths."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import PitchTrack
from autovoice_core.audio.source import Source
from autovoice_core.audio.spectrogram import decibels, spectrogram
from autovoice_core.pitch.notes import midi_note_name, midi_number

MIN_HZ, MAX_HZ = 70.0, 8000.0
"""Ends of the logarithmic frequency axis."""
ROWS = 180
DYNAMIC_RANGE_DB = 65.0
"""Range of levels that is drawn, under the loudest."""
COLUMNS_PER_SECOND, MIN_COLUMNS, MAX_COLUMNS = 40, 600, 6000
MAX_GLIDE_OCTAVES = 0.2
"""The most that f0 moves between two points of one line; where it moves more, the line breaks."""
FREQUENCY_TICKS = (100, 200, 500, 1000, 2000, 5000)
"""Hz."""

_COLOUR_MAP = ("000004", "2b115e", "721f81", "b73779", "f1605d", "feb078", "fcfdbf")


def columns_of(seconds: float) -> int:
    """Return how many columns a chart of so many seconds has."""
    return int(min(max(COLUMNS_PER_SECOND * seconds, MIN_COLUMNS), MAX_COLUMNS))


def spectrogram_image(source: Source, columns: int) -> str:
    """Return a spectrogram as a PNG image in a ``data:`` URI."""
    highest = min(MAX_HZ, source.sample_rate / 2)
    magnitudes = spectrogram(source, columns=columns, rows=ROWS, lowest=MIN_HZ, highest=highest)
    levels_db = decibels(magnitudes, float(magnitudes.max(initial=0.0)), DYNAMIC_RANGE_DB)
    levels = np.rint((levels_db[::-1] / DYNAMIC_RANGE_DB + 1) * 255).astype(np.uint8)
    return f"data:image/png;base64,{b64encode(_png(levels)).decode()}"


def _png(levels: NDArray[np.uint8]) -> bytes:
    """Return an image of 256 colours as a PNG file (ISO/IEC 15948).

    Encoded here, as none of core's dependencies can.
    """
    height, width = levels.shape
    anchors = [[int(colour[i : i + 2], 16) for i in (0, 2, 4)] for colour in _COLOUR_MAP]
    steps = np.linspace(0, len(anchors) - 1, 256)
    palette = [np.interp(steps, range(len(anchors)), each) for each in zip(*anchors, strict=True)]
    lines = np.pad(levels, ((0, 0), (1, 0)))  # each begins with its filter: none
    parts = (
        (b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", np.rint(palette).astype(np.uint8).T.tobytes()),
        (b"IDAT", zlib.compress(lines.tobytes(), 9)),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


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


def frequency_label(hz: int) -> str:
    """Return the label of a tick: "200", "2k"."""
    return f"{hz // 1000}k" if hz >= 1000 else f"{hz}"


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

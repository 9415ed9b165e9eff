"""The spectrograms of a report, as PNG, and the scales of its charts."""

from __future__ import annotations

import struct
import zlib
from base64 import b64encode

import numpy as np
from numpy.typing import NDArray

from autovoice_core.audio.source import Source
from autovoice_core.audio.spectrogram import decibels, spectrogram

MIN_HZ, MAX_HZ = 70.0, 8000.0
"""Ends of the logarithmic frequency axis."""
ROWS = 180
DYNAMIC_RANGE_DB = 65.0
"""Range of levels that is drawn, under the loudest."""
COLUMNS_PER_SECOND, MIN_COLUMNS, MAX_COLUMNS = 40, 600, 6000
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


def frequency_label(hz: int) -> str:
    """Return the label of a tick: "200", "2k"."""
    return f"{hz // 1000}k" if hz >= 1000 else f"{hz}"

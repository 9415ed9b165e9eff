"""A recording inside the page: MP3, which every browser plays."""

from __future__ import annotations

import io
from base64 import b64encode

import numpy as np
import soundfile

from autovoice_core.audio.resample import resampled_mono
from autovoice_core.audio.source import Source

LONGEST = 600.0
"""Seconds of a recording that a page holds: 9 MB of it."""

_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)  # of MPEG audio
_SMALLNESS = 0.3  # about 90 kbit/s for a voice at 44.1 kHz


def playable(source: Source) -> str:
    """Return the first ten minutes of ``source``, its channels averaged, as a ``data:`` URI."""
    rate = source.sample_rate if source.sample_rate in _RATES else _RATES[-1]
    left = round(LONGEST * rate)
    encoded = io.BytesIO()
    with soundfile.SoundFile(
        encoded,
        "w",
        samplerate=rate,
        channels=1,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=_SMALLNESS,
    ) as file:
        for block in resampled_mono(source, rate):
            file.write(np.clip(block[:left], -1, 1))
            left -= len(block[:left])
            if not left:
                break
    return f"data:audio/mpeg;base64,{b64encode(encoded.getvalue()).decode()}"

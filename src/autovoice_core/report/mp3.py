"""Recordings as MP3 within a page, which every browser plays."""

from __future__ import annotations

import io
from base64 import b64encode

import numpy as np
import soundfile

from autovoice_core.audio.resample import resampled_mono
from autovoice_core.audio.source import Source

MAX_SECONDS = 600.0
"""Seconds of a recording that a page holds, 9 MB."""

_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_COMPRESSION_LEVEL = 0.3  # about 90 kbit/s for a voice at 44.1 kHz


def mp3_data_uri(source: Source) -> str:
    """Return the first ten minutes of ``source``, its channels averaged, as a ``data:`` URI."""
    rate = source.sample_rate if source.sample_rate in _MP3_RATES else _MP3_RATES[-1]
    remaining = round(MAX_SECONDS * rate)
    encoded = io.BytesIO()
    with soundfile.SoundFile(
        encoded,
        "w",
        samplerate=rate,
        channels=1,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=_COMPRESSION_LEVEL,
    ) as file:
        for block in resampled_mono(source, rate):
            file.write(np.clip(block[:remaining], -1, 1))
            remaining -= len(block[:remaining])
            if not remaining:
                break
    return f"data:audio/mpeg;base64,{b64encode(encoded.getvalue()).decode()}"

"""Sound as MP3 in a ``data:`` URI, which every browser plays."""

from __future__ import annotations

import io
from base64 import b64encode

import numpy as np
import soundfile

from autovoice_core.audio.resample import resampled
from autovoice_core.audio.source import Source

MAX_CHANNELS = 2
"""Channels that MP3 holds."""

_MP3_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_COMPRESSION_LEVEL = 0.3  # about 90 kbit/s for a voice at 44.1 kHz, 140 for a song in stereo


def mp3_data_uri(source: Source, max_seconds: float) -> str:
    """Return the first ``max_seconds`` of a source of one or two channels."""
    rate = source.sample_rate if source.sample_rate in _MP3_RATES else _MP3_RATES[-1]
    remaining = round(max_seconds * rate)
    encoded = io.BytesIO()
    with soundfile.SoundFile(
        encoded,
        "w",
        samplerate=rate,
        channels=source.channels,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=_COMPRESSION_LEVEL,
    ) as file:
        for block in resampled(source, rate):
            file.write(np.clip(block[:, :remaining], -1, 1).T)
            remaining -= min(remaining, block.shape[1])
            if not remaining:
                break
    return f"data:audio/mpeg;base64,{b64encode(encoded.getvalue()).decode()}"

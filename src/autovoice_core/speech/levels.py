"""Loudness of what is said and sung, and its mix with an accompaniment."""

from __future__ import annotations

import math

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.audio.loudness import loudness
from autovoice_core.audio.reading import SoundInput, as_source
from autovoice_core.audio.source import concatenate

VOICE_LUFS = -20.0
"""Loudness of a sentence, and of a song."""
MAX_PEAK = 0.97
"""Peak at most: what would exceed it stays less loud."""
BLOCK_FRAMES = 1 << 18
"""Frames of the accompaniment that are read at a time."""


def levelled(audio: Audio) -> Audio:
    """Return ``audio`` at :data:`VOICE_LUFS`, or as loud as :data:`MAX_PEAK` permits."""
    measured = loudness(audio)
    samples = audio.numpy()
    peak = float(np.abs(samples).max(initial=0.0))
    if not math.isfinite(measured) or peak == 0:
        return audio
    gain = min(10 ** ((VOICE_LUFS - measured) / 20), MAX_PEAK / peak)
    return Audio(samples * np.float32(gain), audio.sample_rate, audio.made_by)


def over_accompaniment(voice: Audio, accompaniment: SoundInput) -> Audio:
    """Return a mono ``voice`` mixed with an accompaniment, at its rate, as loud as it.

    Both begin together; the mix lasts as long as the longer of the two.

    Raises
    ------
    InputError
        The accompaniment can't be read.
    """
    source = as_source(accompaniment, "accompaniment")
    shape = (source.channels, source.frames)
    samples = concatenate(source.blocks(BLOCK_FRAMES), shape)
    backing = Audio(samples, source.sample_rate)
    voice = voice.resample(source.sample_rate)
    wanted = loudness(backing)
    gain = 10 ** ((wanted - loudness(voice)) / 20) if math.isfinite(wanted) else 1.0
    mix = np.zeros((source.channels, max(backing.frames, voice.frames)), np.float32)
    mix[:, : backing.frames] = backing.numpy()
    mix[:, : voice.frames] += np.float32(gain) * voice.numpy()
    peak = float(np.abs(mix).max(initial=0.0))
    if peak > MAX_PEAK:
        mix *= np.float32(MAX_PEAK / peak)
    return Audio(mix, source.sample_rate, voice.made_by)

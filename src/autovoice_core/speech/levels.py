"""Loudness of what is said and sung, and its mix with an accompaniment."""

from __future__ import annotations

import math

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.audio.loudness import loudness, loudness_gain
from autovoice_core.audio.pitch_shift import accompaniment_shift, pitch_shift
from autovoice_core.audio.source import Source, concatenate
from autovoice_core.audio.stretch import stretch_processes

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


def over_accompaniment(
    voice: Audio, source: Source, *, key: float = 0.0, threads: int = 1
) -> Audio:
    """Return a mono ``voice`` mixed with an accompaniment, at its rate, as loud as it.

    Both begin together; the mix lasts as long as the longer of the two.

    Parameters
    ----------
    voice
        The voice.
    source
        The accompaniment.
    key
        Semitones that the voice has been shifted by; the accompaniment follows.
    threads
        Threads to use.

    Raises
    ------
    InputError
        The accompaniment can't be read.
    """
    shape = (source.channels, source.frames)
    semitones = accompaniment_shift(key)
    with stretch_processes(threads // 2 if semitones else 0):
        blocks = (
            pitch_shift(source, semitones, threads=threads)
            if semitones
            else source.blocks(BLOCK_FRAMES)
        )
        backing = Audio(concatenate(blocks, shape), source.sample_rate)
    voice = voice.resample(source.sample_rate)
    gain = loudness_gain(loudness(backing), loudness(voice))
    mix = np.zeros((source.channels, max(backing.frames, voice.frames)), np.float32)
    mix[:, : backing.frames] = backing.numpy()
    mix[:, : voice.frames] += np.float32(gain) * voice.numpy()
    peak = float(np.abs(mix).max(initial=0.0))
    if peak > MAX_PEAK:
        mix *= np.float32(MAX_PEAK / peak)
    return Audio(mix, source.sample_rate, voice.made_by)

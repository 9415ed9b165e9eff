"""Loudness of what is said and sung, and its mix with an accompaniment."""

from __future__ import annotations

import math

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.audio.loudness import loudness, loudness_gain
from autovoice_core.audio.pitch_shift import accompaniment_shift, pitch_shift
from autovoice_core.audio.source import Block, Source, concatenate
from autovoice_core.audio.stretch import stretch_processes
from autovoice_core.audio.true_peak import true_peak, true_peak_gain

VOICE_LUFS = -20.0
"""Loudness of a sentence, and of a song."""
BLOCK_FRAMES = 1 << 18
"""Frames of the accompaniment that are read at a time."""


def levelled(audio: Audio) -> Audio:
    """Return ``audio`` at :data:`VOICE_LUFS`, or as loud as the ceiling of true peaks permits."""
    measured = loudness(audio)
    if not math.isfinite(measured):
        return audio
    samples = audio.numpy() * np.float32(10 ** ((VOICE_LUFS - measured) / 20))
    return Audio(_under_ceiling(samples), audio.sample_rate, audio.made_by)


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
    return Audio(_under_ceiling(mix), source.sample_rate, voice.made_by)


def _under_ceiling(samples: Block) -> Block:
    """Return samples turned down, if need be, to the true peak that a mix may have."""
    return samples * np.float32(true_peak_gain(true_peak(samples)))

"""A small band of synthetic instruments: drums, bass and chords that repeat every four bars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.synthetic.melody import A4
from autovoice_core.synthetic.score import amplitude

Floats = NDArray[np.float64]

CHORDS = ((3, 7, 10), (-2, 2, 5), (0, 3, 7), (-4, 0, 3))
"""C, G, A minor and F, semitones above A4 less an octave: one chord a bar."""
BEATS_PER_BAR = 4
BAND_RMS = amplitude(-20.0)


def band(seconds: float, sample_rate: int = 44100, seed: int = 0, *, beat: float = 0.6) -> Audio:
    """Return drums, bass and chords in stereo.

    The four bars repeat exactly, in C major, in time with
    :func:`~autovoice_core.testing.truth.sing` at the same ``beat``.

    Parameters
    ----------
    seconds
        Length of the sound.
    sample_rate
        In Hz.
    seed
        The same seed gives the same sound of the drums.
    beat
        Seconds a beat.

    Returns
    -------
    Audio
        ``(2, round(seconds * sample_rate))``, -20 dB RMS relative to full scale.
    """
    rng = np.random.default_rng([seed, 3])
    frames = round(seconds * sample_rate)
    bar = BEATS_PER_BAR * beat
    loop = np.zeros((2, round(len(CHORDS) * bar * sample_rate)))
    drums = _drums(rng, sample_rate)
    for number, chord in enumerate(CHORDS):
        start = number * bar
        for side in (0, 1):
            pad = sum(_pad(note - 12, bar, sample_rate, side) for note in chord)
            _add(loop[side], start, np.asarray(pad) * 0.30, sample_rate)
        for i in range(2 * BEATS_PER_BAR):
            note = chord[0] - 36 + (7 if i == 5 else 0)
            low = _pluck(note, beat / 2, sample_rate) * 0.8
            when = start + i * beat / 2
            for side in (0, 1):
                _add(loop[side], when, low, sample_rate)
                _add(loop[side], when, drums["hat"] * (0.16 if side else 0.10), sample_rate)
                if i in (0, 3, 4):
                    _add(loop[side], when, drums["kick"], sample_rate)
                if i in (2, 6):
                    _add(loop[side], when, drums["snare"] * 0.5, sample_rate)
    loop *= BAND_RMS / np.sqrt(np.mean(loop**2))
    repeats = -(-frames // loop.shape[1])
    samples = np.tile(loop, (1, max(1, repeats)))[:, :frames]
    return Audio(samples.astype(np.float32), sample_rate)


def _add(track: Floats, start: float, sound: Floats, sample_rate: int) -> None:
    """Mix ``sound`` into the loop; what rings past its end wraps round to its beginning."""
    at = (round(start * sample_rate) + np.arange(len(sound))) % len(track)
    np.add.at(track, at, sound)


def _pad(note: float, seconds: float, sample_rate: int, side: int) -> Floats:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    base = A4 * 2 ** (note / 12)
    sound = np.zeros_like(time)
    for voice, detune in enumerate((-0.0025, 0.0, 0.0025)):
        for k in range(1, 9):
            if k * base > 0.45 * sample_rate:
                break
            turn = k * base * (1 + detune) * time + 0.3 * k * (voice + 3 * side)
            sound += np.sin(2 * np.pi * turn) / k**1.6
    fade = np.minimum(1.0, np.minimum(time / 0.05, (seconds - time) / 0.05))
    return sound * np.maximum(fade, 0.0) / 3.0


def _pluck(note: float, seconds: float, sample_rate: int) -> Floats:
    time = np.arange(round(seconds * sample_rate)) / sample_rate
    base = A4 * 2 ** (note / 12)
    sound = np.zeros_like(time)
    for k in range(1, 13):
        if k * base > 0.45 * sample_rate:
            break
        sound += np.sin(2 * np.pi * k * base * time) / k * np.exp(-time * (3.0 + 2.5 * k))
    return sound * np.clip((seconds - time) / 0.02, 0.0, 1.0)


def _drums(rng: np.random.Generator, sample_rate: int) -> dict[str, Floats]:
    time = np.arange(round(0.25 * sample_rate)) / sample_rate
    sweep = 50.0 * time + 6.0 * (1 - np.exp(-time * 30.0))
    kick = np.sin(2 * np.pi * sweep) * np.exp(-time * 18.0)
    noise = rng.standard_normal((2, len(time)))
    snare = noise[0] * np.exp(-time * 22.0) + np.sin(2 * np.pi * 190 * time) * np.exp(-time * 30.0)
    hat = np.diff(np.diff(noise[1], prepend=0.0), prepend=0.0) * np.exp(-time * 70.0)
    rise = np.clip(time / 0.002, 0.0, 1.0)
    return {"kick": kick * rise, "snare": 0.5 * snare * rise, "hat": hat * rise}

"""Voices whose pitch and formants are known."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from autovoice_core import Audio, PitchTrack

VOWELS = {"a": (800, 1150, 2900), "i": (270, 2140, 2950), "u": (325, 700, 2700)}

Floats = NDArray[np.float64]


def resonance(signal: Floats, frequency: float, width: float, rate: int) -> Floats:
    radius = np.exp(-np.pi * width / rate)
    poles = [1.0, -2 * radius * np.cos(2 * np.pi * frequency / rate), radius**2]
    filtered: Floats = lfilter([sum(poles)], poles, signal)
    return filtered


def vowel(
    f0: Floats, rate: int, formants: tuple[float, ...] = VOWELS["a"], *, breath: float = 0.0
) -> Floats:
    """Pulses of a glottis, with noise, through formants; ``f0`` is one value per sample."""
    phase = np.cumsum(f0) / rate
    source = np.zeros(f0.size)
    for k in range(1, int(0.45 * rate / f0.min()) + 1):
        source += np.where(k * f0 < 0.45 * rate, np.cos(2 * np.pi * (k * phase % 1.0)), 0.0) / k
    source += breath * np.random.default_rng(0).standard_normal(f0.size)
    for formant in formants:
        source = resonance(source, formant, 80.0, rate)
    # The resonances of the tube above those that make the vowel.
    for formant in range(3900, int(0.45 * rate), 1000) if formants else ():
        source = resonance(source, formant, 300.0, rate)
    return 0.3 * source / np.abs(source).max()


def track(f0: Floats, rate: int, voiced: Floats | None = None) -> PitchTrack:
    """The exact pitch, every 10 ms."""
    at = np.rint(np.arange(0, f0.size / rate, 0.01) * rate).astype(int)
    sung = np.ones(at.size, bool) if voiced is None else voiced[at] > 0
    return PitchTrack(np.where(sung, f0[at], 0.0), sung, sung.astype(np.float32), 0.01)


@cache
def phrase(
    rate: int, f0: float, scale: float = 1.0, seconds: float = 4.0
) -> tuple[Audio, PitchTrack]:
    """Vowels, a breath and a pause, sung with vibrato; ``scale`` moves the formants."""
    time = np.arange(int(seconds * rate)) / rate
    tune = f0 * 2 ** ((0.3 * np.sin(2 * np.pi * 5.5 * time) + np.floor(time * 1.5) % 3) / 12)
    sound = np.zeros(time.size)
    names = "aiua"
    parts = np.array_split(np.arange(time.size), len(names))
    for name, part in zip(names, parts, strict=True):
        formants = tuple(scale * f for f in VOWELS[name])
        fade = np.minimum(1.0, np.minimum(part - part[0], part[-1] - part) / (0.03 * rate))
        sound[part] = fade * vowel(tune[part], rate, formants, breath=0.05)
    voiced = np.ones(time.size)
    breath = (time > 0.45 * seconds) & (time < 0.55 * seconds)
    voiced[breath] = 0.0
    sound[breath] = 0.02 * np.random.default_rng(1).standard_normal(int(breath.sum()))
    pause = time > 0.95 * seconds
    voiced[pause], sound[pause] = 0.0, 0.0
    return Audio(sound[None].astype(np.float32), rate), track(tune, rate, voiced)


@cache
def babble(
    rate: int, f0: float, scale: float = 1.0, seconds: float = 8.0
) -> tuple[Audio, PitchTrack]:
    """Syllables in quick succession: vowels that pass into one another every 0.12 s."""
    time = np.arange(int(seconds * rate)) / rate
    tune = f0 * 2 ** (2.0 * np.sin(2 * np.pi * 0.7 * time) / 12)
    corners = np.arange(0.0, seconds + 0.12, 0.12)
    shares = np.random.default_rng(0).dirichlet([0.2] * len(VOWELS), corners.size)
    sound = sum(
        np.interp(time, corners, share)
        * vowel(tune, rate, tuple(scale * f for f in formants), breath=0.05)
        for share, formants in zip(shares.T, VOWELS.values(), strict=True)
    )
    return Audio(np.asarray(sound, np.float32)[None], rate), track(tune, rate)

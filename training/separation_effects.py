"""Changes of sound for `training/separation_mixtures.py`: pitch, tone, room, place, level."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy.signal
import soundfile
import soxr
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.audio.stretch import stretched

Samples = NDArray[np.float32]

RATE = 44_100


@lru_cache(maxsize=60)
def read(path: Path) -> Samples:
    """Return a file at 44.1 kHz, ``(1 or 2, frames)``; of games, some end early by a moment."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T[:2]), rate).resample(RATE).numpy()


def as_samples(sound: NDArray[np.floating]) -> Samples:
    """Return the sound as float32 in one piece."""
    return np.ascontiguousarray(sound, np.float32)


def decibels(level: float) -> float:
    """Return the factor of a gain in dB."""
    return float(10 ** (level / 20))


def stereo(sound: Samples) -> Samples:
    """Return two channels."""
    return np.broadcast_to(sound, (2, sound.shape[1]))


def normalised(sound: Samples) -> Samples:
    """Return the sound at an RMS of 1; silence stays silence."""
    return as_samples(sound / max(float(sound.std()), 1e-9))


def faded(sound: Samples) -> Samples:
    """Return the sound faded in and out over 10 ms."""
    ramp = np.minimum(1, np.arange(sound.shape[1]) / (0.01 * RATE))
    return as_samples(sound * ramp * ramp[::-1])


def excerpt(sound: Samples, length: int, random: np.random.Generator) -> Samples:
    """Return ``length`` samples from a random place, repeated if there are fewer."""
    repeated = np.tile(sound, (1, -(-length // sound.shape[1])))
    start = random.integers(0, repeated.shape[1] - length + 1)
    return repeated[:, start : start + length]


def resampled(sound: Samples, semitones: float) -> Samples:
    """Return the sound higher, and shorter, by ``semitones``."""
    return as_samples(soxr.resample(sound.T, RATE * 2 ** (semitones / 12), RATE).T)


def moved(sound: Samples, length: int, random: np.random.Generator, semitones: float) -> Samples:
    """Return ``length`` samples from a random place, at most ``semitones`` higher or lower."""
    shift = random.uniform(-semitones, semitones)
    source = excerpt(sound, int(length * 2 ** (shift / 12)) + 8, random)
    return resampled(source, shift)[:, :length]


def equalised(sound: Samples, random: np.random.Generator, most_db: float) -> Samples:
    """Return the sound with gains of at most ``most_db`` at five frequencies, in between others."""
    frequencies = np.fft.rfftfreq(sound.shape[1], 1 / RATE)
    octaves = np.log2(np.maximum(frequencies, 30) / 30) / np.log2(RATE / 60)
    gains = np.interp(octaves, np.linspace(0, 1, 5), random.uniform(-most_db, most_db, 5))
    spectra = np.fft.rfft(sound) * 10 ** (gains / 20)
    return as_samples(np.fft.irfft(spectra, n=sound.shape[1]))


def echoed(sound: Samples, random: np.random.Generator) -> Samples:
    """Return two channels with three echoes, from the left and the right in turn."""
    delay, gain = int(random.uniform(0.12, 0.5) * RATE), random.uniform(0.15, 0.5)
    result = np.array(stereo(sound))
    for number in range(1, 4):
        heard = stereo(sound)[:: -1 if number % 2 else 1]
        result[:, number * delay :] += gain**number * heard[:, : -number * delay]
    return result


def reverberant(sound: Samples, random: np.random.Generator) -> Samples:
    """Return the sound in a room: noise that decays and gets darker."""
    seconds = random.uniform(0.2, 1.8)
    time = np.arange(int(seconds * RATE)) / RATE
    tail = random.standard_normal((2, len(time))) * np.exp(-6.9 * time / seconds)
    tail[:, : int(random.uniform(0, 0.03) * RATE)] = 0
    tail = scipy.signal.lfilter(*scipy.signal.butter(1, random.uniform(2500, 9000), fs=RATE), tail)
    tail /= np.sqrt((tail**2).sum(axis=1, keepdims=True))
    wet = scipy.signal.fftconvolve(stereo(sound), tail, axes=1)[:, : sound.shape[1]]
    return as_samples(sound + decibels(-random.uniform(6, 20)) * wet)


def placed(sound: Samples, random: np.random.Generator, most: float) -> Samples:
    """Return two channels, panned by at most ``most`` of the way, sometimes widened by a delay."""
    place = (random.uniform(-most, most) + 1) * np.pi / 4
    sides = np.array(stereo(sound))
    if random.random() < 0.35:
        delay = int(random.uniform(0.006, 0.022) * RATE)
        late = np.array(sides)
        late[1, delay:] = sides[0, :-delay]
        sides = late if random.random() < 0.5 else 0.6 * sides + 0.4 * late
    return as_samples(sides * np.sqrt(2) * np.array([[np.cos(place)], [np.sin(place)]]))


def doubled(sound: Samples, random: np.random.Generator) -> Samples:
    """Return two channels, each with a take of its own: a little later, a few cents off."""
    sides = []
    for sign in (-1, 1):
        cents = sign * random.uniform(4, 25)
        late = int(random.uniform(0, 0.035) * RATE)
        take = stretched(np.ascontiguousarray(sound[:1]), RATE, cents / 100)[0]
        sides.append(np.concatenate([np.zeros(late, np.float32), take])[: sound.shape[1]])
    width = random.uniform(0.5, 1.0)
    left, right = sides
    return as_samples(np.stack([left + (1 - width) * right, right + (1 - width) * left]))


def harmonised(sound: Samples, random: np.random.Generator) -> Samples:
    """Return the sound with itself at an interval."""
    interval = float(random.choice([-12, -5, 3, 4, 5, 7, 12]))
    other = stretched(np.ascontiguousarray(sound), RATE, interval)
    return as_samples(sound + decibels(random.uniform(-12, -2)) * other)


def levelled(sound: Samples, random: np.random.Generator) -> Samples:
    """Return the sound as a compressor leaves it: its level over 50 ms varies less."""
    window = scipy.signal.get_window("hann", int(0.05 * RATE))
    power = scipy.signal.fftconvolve((sound**2).sum(axis=0), window / window.sum(), mode="same")
    level = np.sqrt(np.maximum(power, 0)) + 0.03 * float(sound.std()) + 1e-9
    return as_samples(sound * level ** -random.uniform(0.3, 0.8))


def saturated(sound: Samples, random: np.random.Generator) -> Samples:
    """Return the sound driven into a soft limit."""
    drive = random.uniform(0.5, 4.0)
    return as_samples(np.tanh(drive * sound / max(float(sound.std()), 1e-9)))


def looped(sound: Samples, random: np.random.Generator) -> Samples:
    """Return a moment of the sound repeated, as samplers do, with rests."""
    length, rest = int(random.uniform(0.4, 3.0) * RATE), int(random.uniform(0, 1.5) * RATE)
    sample = faded(excerpt(sound, length, random))
    piece = np.pad(sample, ((0, 0), (0, rest)))
    return np.tile(piece, (1, -(-sound.shape[1] // piece.shape[1])))[:, : sound.shape[1]]


def widened(sound: Samples, random: np.random.Generator) -> Samples:
    """Return two channels whose side is softer or louder."""
    mid, side = sound.sum(axis=0) / 2, (sound[0] - sound[1]) / 2
    side = side * random.uniform(0, 1.6)
    return as_samples(np.stack([mid + side, mid - side]))

"""What is sung: melody, syllables and breaths, as smooth gestures on a grid of 1 ms."""

from __future__ import annotations

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from autovoice_core.testing.singers import CONSONANTS, VOWELS, Consonant

GRID = 1000
"""Points a second on which gestures are described."""

FADE = 0.12
"""Seconds over which a phrase ends."""
MAJOR = (0, 2, 4, 5, 7, 9, 11)
A4 = 440.0

Floats = NDArray[np.float64]


@frozen(eq=False)
class Score:
    """Gestures of a singer who has no body yet: any :class:`Singer` can perform them.

    Every array has one value per millisecond, ``(points,)``.

    Attributes
    ----------
    f0
        Fundamental frequency, Hz; continuous through unvoiced sounds too.
    voice
        Amplitude of the voice, 0.7 to 1 in a vowel, 0 where unvoiced.
    breath, hiss
        Amplitude of noise through the formants, and of friction noise.
    centre, width
        Of the friction noise, Hz.
    formants
        ``(points, 3)``, Hz, for a neutral vocal tract.
    """

    f0: Floats
    voice: Floats
    breath: Floats
    hiss: Floats
    centre: Floats
    width: Floats
    formants: Floats


@frozen
class Note:
    """One syllable of the melody; times in seconds, pitch in semitones above A4."""

    start: float
    end: float
    pitch: float
    glide: float
    first: bool
    last: bool


def compose(
    seconds: float,
    *,
    low: float = 130.0,
    high: float = 500.0,
    seed: int = 0,
    beat: float = 0.6,
    key: int = 3,
    vibrato: tuple[float, float] = (25.0, 90.0),
    consonants: bool = True,
    breaths: bool = True,
) -> Score:
    """Make up a melody with words.

    Phrases of four to nine syllables with scoops, glides, vibrato, drift and jitter, each
    followed by a rest in which the singer may breathe.

    Parameters
    ----------
    seconds
        How long it lasts.
    low, high
        Range of the melody, Hz.
    seed
        The same seed gives the same song.
    beat
        Seconds a beat; notes last a half to two beats.
    key
        Root of the major scale in semitones above A (3 is C).
    vibrato
        Smallest and largest excursion to either side, cents.
    consonants, breaths
        Whether syllables begin with a consonant, and whether breaths are heard.
    """
    rng, dynamics = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 6])
    points = round(seconds * GRID) + 2
    notes = _melody(rng, seconds, _scale(low, high, key), beat)
    gestures = _Gestures(points)
    vowels = list(VOWELS)
    sounds = list(CONSONANTS.values())
    for note in notes:
        if note.first and breaths:
            gestures.breathe(note.start - rng.uniform(0.32, 0.4), note.start - 0.1)
        consonant = sounds[rng.integers(len(sounds))] if consonants and rng.random() < 0.8 else None
        vowel = VOWELS[vowels[rng.integers(len(vowels))]]
        gestures.syllable(note, dynamics.uniform(0.7, 1.0), vowel, consonant)
    cents = _pitch(notes, points) + _vibrato(rng, notes, points, vibrato) + _drift(rng, points)
    return gestures.score(f0=np.clip(A4 * 2 ** (cents / 1200), low, high))


def _scale(low: float, high: float, key: int) -> Floats:
    """Return the notes of the major scale in range, semitones above A4, vibrato allowed for."""
    first, last = np.ceil(12 * np.log2(low / A4) + 1), np.floor(12 * np.log2(high / A4) - 1)
    every = np.arange(first, max(last, first) + 1)
    chosen = every[np.isin((every - key) % 12, MAJOR)]
    return chosen if chosen.size else every


def _melody(rng: np.random.Generator, seconds: float, scale: Floats, beat: float) -> list[Note]:
    notes: list[Note] = []
    half = beat / 2
    time = half
    while time + half < seconds:
        # Each phrase has its own register, so that a long melody covers the whole range.
        centre = rng.uniform(0, len(scale))
        degree = centre
        count = int(rng.integers(4, 10))
        for i in range(count):
            last = i == count - 1
            length = half * (rng.choice([3, 4]) if last else rng.choice([1, 1, 2, 2, 3]))
            end = min(time + length, seconds - 0.1)
            if end - time < 0.2:
                break
            degree += rng.integers(-3, 4) + 0.2 * (centre - degree)
            step = int(np.clip(round(degree), 0, len(scale) - 1))
            glide = rng.uniform(0.3, 0.6) if rng.random() < 0.12 else rng.uniform(0.06, 0.14)
            stop = last or end >= seconds - 0.1
            notes.append(Note(time, end, float(scale[step]), float(glide), i == 0, stop))
            time = end
        time += half * rng.choice([2, 3])
    return notes


def _pitch(notes: list[Note], points: int) -> Floats:
    """Join the notes by glides of raised-cosine shape; phrases begin with a scoop. Cents."""
    times, values = [0.0], [notes[0].pitch - 1.0 if notes else 0.0]
    for previous, note in zip([None, *notes], notes, strict=False):
        if note.first:
            times.append(note.start)
            values.append(note.pitch - 1.0)
            arrival = note.start + 0.12
        else:
            assert previous is not None
            half = min(note.glide, previous.end - previous.start, note.end - note.start) / 2
            times.append(note.start - half)
            values.append(previous.pitch)
            arrival = note.start + half
        times.append(arrival)
        values.append(note.pitch)
        if note.last:
            times.append(note.end)
            values.append(note.pitch)
    now = np.arange(points) / GRID
    at = np.clip(np.searchsorted(times, now, side="right") - 1, 0, len(times) - 1)
    after = np.minimum(at + 1, len(times) - 1)
    span = np.take(times, after) - np.take(times, at)
    part = np.clip((now - np.take(times, at)) / np.where(span > 0, span, 1.0), 0.0, 1.0)
    ease = 0.5 - 0.5 * np.cos(np.pi * part)
    steps = np.asarray(values, dtype=np.float64)
    return np.asarray(100.0 * (steps[at] * (1 - ease) + steps[after] * ease))


def _vibrato(
    rng: np.random.Generator, notes: list[Note], points: int, extent: tuple[float, float]
) -> Floats:
    """Return the vibrato in cents: it grows after the onset of each longer note."""
    cents = np.zeros(points)
    for note in notes:
        depth, rate, onset = rng.uniform(*extent), rng.uniform(4.8, 6.8), rng.uniform(0.1, 0.25)
        first, last = round((note.start + onset) * GRID), round((note.end - 0.04) * GRID)
        if last - first < 200:
            continue
        time = np.arange(last - first) / GRID
        swell = np.clip(time / 0.25, 0, 1) * np.clip((time[-1] - time) / 0.08, 0, 1)
        cents[first:last] += depth * swell * np.sin(2 * np.pi * rate * time)
    return cents


def _drift(rng: np.random.Generator, points: int) -> Floats:
    """Return the unsteadiness of a living voice: slow drift of 6 cents, flutter of 2."""
    slow = smooth(rng.standard_normal(points), 400)
    fast = smooth(rng.standard_normal(points), 50)
    return np.asarray(6.0 * slow / (slow.std() + 1e-9) + 2.0 * fast / (fast.std() + 1e-9))


def smooth(values: Floats, length: int) -> Floats:
    """Return ``values`` averaged under a Hann window of ``length`` points along the first axis."""
    window = np.hanning(length + 2)[1:-1]
    before, after = length // 2, length - 1 - length // 2
    padding = [(before, after)] + [(0, 0)] * (values.ndim - 1)
    padded = np.pad(values, padding, mode="edge")
    columns = padded.reshape(len(padded), -1).T
    smoothed = [np.convolve(column, window / window.sum(), "valid") for column in columns]
    return np.asarray(np.stack(smoothed, axis=1).reshape(values.shape))


def amplitude(decibels: float) -> float:
    """Return the amplitude of a level in dB."""
    return float(10.0 ** (decibels / 20.0))


class _Gestures:
    """The tracks of a score while they are painted, syllable by syllable."""

    def __init__(self, points: int) -> None:
        self.voice, self.breath, self.hiss = np.zeros((3, points))
        self.centre, self.width = np.full(points, 4000.0), np.full(points, 2000.0)
        self.formants = np.tile(VOWELS["uh"], (points, 1))

    def breathe(self, start: float, end: float) -> None:
        self.breath[_span(start, end)] = amplitude(-30.0)

    def syllable(
        self,
        note: Note,
        strength: float,
        vowel: tuple[float, float, float],
        consonant: Consonant | None,
    ) -> None:
        self.voice[_span(note.start, note.end)] = strength
        if note.last:
            fading = _span(note.end - FADE, note.end)
            count = len(self.voice[fading])
            self.voice[fading] = np.linspace(strength, 0.3 * strength, count)
        self.formants[_span(note.start - 0.1, note.end + 0.1)] = vowel
        if consonant is None:
            return
        # A consonant leads its vowel, which falls on the beat; it takes its time from the
        # syllable before.
        onset = note.start - consonant.sound
        if not consonant.voice:
            self.voice[_span(onset - consonant.closure, note.start)] = 0.0
        sounding = _span(onset, note.start)
        self.voice[sounding] = strength * consonant.voice
        self.hiss[sounding] = amplitude(consonant.hiss)
        self.breath[sounding] = amplitude(consonant.breath)
        # The hiss rings on while the loudness fades, so its colour must stay as well.
        colour = _span(onset - 0.02, note.start + 0.02)
        self.centre[colour], self.width[colour] = consonant.centre, consonant.width
        if consonant.formants is not None:
            self.formants[sounding] = consonant.formants

    def score(self, f0: Floats) -> Score:
        return Score(
            f0=f0,
            voice=smooth(self.voice, 36),
            breath=smooth(self.breath, 16),
            hiss=smooth(self.hiss, 12),
            centre=self.centre,
            width=self.width,
            formants=np.exp(smooth(np.log(self.formants), 100)),
        )


def _span(start: float, end: float) -> slice:
    return slice(max(0, round(start * GRID)), max(0, round(end * GRID)))

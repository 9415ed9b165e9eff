"""Gestural scores: melody, syllables and breaths as contours with a point every millisecond."""

from __future__ import annotations

import numpy as np
from attrs import frozen

from autovoice_core.synthetic.melody import (
    A4,
    CONTOUR_RATE,
    Floats,
    Note,
    pitch_contour,
    pitch_drift,
    random_melody,
    scale_between,
    smooth,
    vibrato_contour,
)
from autovoice_core.synthetic.phonemes import CONSONANTS, VOWELS, Consonant

PHRASE_FADE_SECONDS = 0.12


@frozen(eq=False)
class Score:
    """A song as gestures, without a voice: any :class:`Singer` can perform it.

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
    """Return a random melody with syllables.

    Phrases of four to nine syllables with scoops, glides, vibrato, drift and jitter, each
    followed by a rest in which the singer may breathe.

    Parameters
    ----------
    seconds
        Length of the song.
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
        Whether syllables begin with a consonant, and whether there are breaths.
    """
    rng, dynamics = np.random.default_rng([seed, 1]), np.random.default_rng([seed, 6])
    points = round(seconds * CONTOUR_RATE) + 2
    notes = random_melody(rng, seconds, scale_between(low, high, key), beat)
    gestures = _Gestures(points)
    vowels = list(VOWELS)
    sounds = list(CONSONANTS.values())
    for note in notes:
        if note.first and breaths:
            gestures.breathe(note.start - rng.uniform(0.32, 0.4), note.start - 0.1)
        consonant = sounds[rng.integers(len(sounds))] if consonants and rng.random() < 0.8 else None
        vowel = VOWELS[vowels[rng.integers(len(vowels))]]
        gestures.syllable(note, dynamics.uniform(0.7, 1.0), vowel, consonant)
    cents = (
        pitch_contour(notes, points)
        + vibrato_contour(rng, notes, points, vibrato)
        + pitch_drift(rng, points)
    )
    return gestures.score(f0=np.clip(A4 * 2 ** (cents / 1200), low, high))


def amplitude(decibels: float) -> float:
    """Return the amplitude of a level in dB."""
    return float(10.0 ** (decibels / 20.0))


class _Gestures:
    """The contours of a score, filled in syllable by syllable."""

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
            fading = _span(note.end - PHRASE_FADE_SECONDS, note.end)
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
    return slice(max(0, round(start * CONTOUR_RATE)), max(0, round(end * CONTOUR_RATE)))

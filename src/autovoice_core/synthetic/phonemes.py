"""Vowels and consonants of synthetic singers: formants, closures and friction noise.

Formants are those of an average man (Peterson and Barney 1952) with a vocal tract of 17.5 cm;
another length scales them (Fant 1960).
"""

from __future__ import annotations

from attrs import frozen

NEUTRAL_TRACT_CM = 17.5
"""Length of the vocal tract that the formant tables are for."""

VOWELS: dict[str, tuple[float, float, float]] = {
    "a": (730.0, 1090.0, 2440.0),
    "ae": (660.0, 1720.0, 2410.0),
    "e": (530.0, 1840.0, 2480.0),
    "i": (270.0, 2290.0, 3010.0),
    "o": (570.0, 840.0, 2410.0),
    "u": (300.0, 870.0, 2240.0),
    "uh": (640.0, 1190.0, 2390.0),
    "er": (490.0, 1350.0, 1690.0),
}
"""The first three formants of each vowel, Hz."""


@frozen
class Consonant:
    """A sound before a vowel.

    Attributes
    ----------
    closure
        Seconds of silence before the sound (stops).
    sound
        Seconds the sound itself takes.
    voice
        Amplitude of the voice during it, relative to a vowel; 0 for an unvoiced one.
    hiss, centre, width
        Level of the friction noise in dB relative to a vowel, its centre and its width in Hz.
    breath
        Level of noise through the following vowel's formants in dB, as in "h".
    formants
        The first three formants in Hz, or nothing for those of the following vowel.
    """

    closure: float
    sound: float
    voice: float = 0.0
    hiss: float = -99.0
    centre: float = 4000.0
    width: float = 2000.0
    breath: float = -99.0
    formants: tuple[float, float, float] | None = None


CONSONANTS: dict[str, Consonant] = {
    "p": Consonant(0.055, 0.025, hiss=-22.0, centre=900.0, width=900.0, breath=-26.0),
    "t": Consonant(0.050, 0.030, hiss=-18.0, centre=4800.0, width=2200.0, breath=-28.0),
    "k": Consonant(0.055, 0.035, hiss=-18.0, centre=2000.0, width=900.0, breath=-26.0),
    "s": Consonant(0.0, 0.120, hiss=-14.0, centre=7000.0, width=2200.0),
    "sh": Consonant(0.0, 0.120, hiss=-12.0, centre=3300.0, width=1300.0),
    "f": Consonant(0.0, 0.090, hiss=-26.0, centre=5500.0, width=5000.0),
    "h": Consonant(0.0, 0.070, breath=-18.0),
    "m": Consonant(0.0, 0.080, voice=0.35, formants=(250.0, 1000.0, 2200.0)),
    "n": Consonant(0.0, 0.070, voice=0.35, formants=(260.0, 1450.0, 2500.0)),
    "l": Consonant(0.0, 0.060, voice=0.6, formants=(360.0, 1050.0, 2700.0)),
    "w": Consonant(0.0, 0.070, voice=0.6, formants=(300.0, 620.0, 2200.0)),
    "y": Consonant(0.0, 0.070, voice=0.6, formants=(260.0, 2200.0, 3000.0)),
}
"""The consonants by name."""

"""Synthetic singers: range, vocal tract length, spectral tilt, breathiness, singer's formant."""

from __future__ import annotations

from attrs import frozen


@frozen
class Singer:
    """One synthetic singer.

    Attributes
    ----------
    name
        A label.
    low, high
        The singer's range, Hz.
    tract_length
        Length of the vocal tract in cm; shorter means higher formants.
    tilt
        Fall of the harmonics in dB an octave, lip radiation included; more is a duller voice.
    breathiness
        Level of the aspiration noise under a vowel, dB relative to it.
    ring
        Gain of the singer's formant near 3 kHz, dB (Sundberg 1974).
    """

    name: str
    low: float
    high: float
    tract_length: float
    tilt: float
    breathiness: float = -34.0
    ring: float = 6.0


BASS = Singer("bass", 80.0, 330.0, tract_length=18.6, tilt=7.5, breathiness=-38.0, ring=9.0)
TENOR = Singer("tenor", 130.0, 500.0, tract_length=17.2, tilt=6.0, breathiness=-36.0, ring=9.0)
ALTO = Singer("alto", 175.0, 700.0, tract_length=15.6, tilt=9.5, breathiness=-28.0, ring=3.0)
SOPRANO = Singer("soprano", 250.0, 1000.0, tract_length=14.0, tilt=8.0, breathiness=-33.0, ring=4.0)

SINGERS = {singer.name: singer for singer in (BASS, TENOR, ALTO, SOPRANO)}
"""The ready-made singers by name."""

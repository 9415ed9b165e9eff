"""Synthesised singing whose answer is known, as tests of backends import it.

>>> sung = sing(SOPRANO, seconds=10, seed=1)
>>> sung.audio, sung.pitch          # the sound, and exactly what was sung
>>> song(seconds=20).mixture        # a singer over a band, with the stems known

All names are those of :mod:`autovoice_core.synthetic`.
"""

from __future__ import annotations

from autovoice_core.synthetic.truth import (
    ALTO,
    BASS,
    SINGERS,
    SOPRANO,
    TENOR,
    Score,
    Singer,
    Song,
    Sung,
    add_noise,
    add_reverb,
    band,
    compose,
    limit_band,
    sing,
    song,
    tone,
)

__all__ = [
    "ALTO",
    "BASS",
    "SINGERS",
    "SOPRANO",
    "TENOR",
    "Score",
    "Singer",
    "Song",
    "Sung",
    "add_noise",
    "add_reverb",
    "band",
    "compose",
    "limit_band",
    "sing",
    "song",
    "tone",
]

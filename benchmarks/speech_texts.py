"""What ``benchmarks/speech.py`` says and sings."""

from __future__ import annotations

import numpy as np
from attrs import frozen

SENTENCES = (
    "The birch canoe slid on the smooth planks.",
    "Glue the sheet to the dark blue background.",
    "It's easy to tell the depth of a well.",
    "These days a chicken leg is a rare dish.",
    "Rice is often served in round bowls.",
    "The juice of lemons makes fine punch.",
    "The box was thrown beside the parked truck.",
    "The hogs were fed chopped corn and garbage.",
    "Four hours of steady work faced us.",
    "A large size in stockings is hard to sell.",
)
BEAT = 0.5
START = 0.5


@frozen
class Melody:
    """Lyrics, and the MIDI number and the beats of each note."""

    lyrics: str
    keys: tuple[int, ...]
    beats: tuple[float, ...]

    @property
    def notes(self) -> list[tuple[float, float, float]]:
        """Start and end in seconds, and MIDI number."""
        ends = START + BEAT * np.cumsum(self.beats)
        starts = ends - BEAT * np.asarray(self.beats)
        return [(float(s), float(e), k) for s, e, k in zip(starts, ends, self.keys, strict=True)]


MELODIES = (
    Melody(
        "Twinkle twinkle little star how I wonder what you are",
        (60, 60, 67, 67, 69, 69, 67, 65, 65, 64, 64, 62, 62, 60),
        (1, 1, 1, 1, 1, 1, 2) * 2,
    ),
    Melody(
        "Mary had a little lamb its fleece was white as snow",
        (64, 62, 60, 62, 64, 64, 64, 62, 62, 62, 64, 67, 67),
        (1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2),
    ),
    Melody(
        "Row row row your boat gently down the stream",
        (60, 60, 60, 62, 64, 64, 62, 64, 65, 67),
        (1.5, 1.5, 1, 0.5, 1.5, 1, 0.5, 1, 0.5, 3),
    ),
    Melody(
        "Over the mountain a thin white moon is shining on the sea",
        (60, 62, 64, 65, 67, 65, 64, 62, 64, 65, 67, 69, 67, 64, 60),
        (1, 0.5, 0.5, 1, 1, 1, 1, 1, 0.5, 1, 0.5, 0.5, 0.5, 1, 2),
    ),
    Melody(
        "Sing me a song of a lad that is gone say could that lad be I",
        (62, 64, 67, 67, 69, 69, 71, 74, 71, 69, 71, 67, 64, 64, 62, 62),
        (1, 0.5, 1, 0.5, 1, 0.5, 1, 0.5, 3, 1, 0.5, 1, 0.5, 1, 0.5, 2),
    ),
    Melody(
        "Yesterday a young fox jumped across the frozen garden wall",
        (64, 65, 67, 67, 65, 64, 62, 60, 62, 64, 65, 67, 64, 62, 60),
        (0.5, 0.5, 1, 1, 1, 1, 1, 0.5, 1.5, 1, 1, 1, 0.5, 1, 2),
    ),
    Melody(
        "Peter bought a pair of good old boots and walked to town",
        (55, 57, 59, 60, 60, 62, 64, 62, 60, 59, 60, 62, 55),
        (1, 0.5, 1, 0.5, 1, 0.5, 1.5, 1, 1, 0.5, 1, 1, 2),
    ),
)
"""The first three are nursery songs. Of the constants of singing only ``UNVOICED_HZ`` was chosen on
the other four, too."""

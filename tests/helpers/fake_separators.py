"""Separators that do little, for tests of what is done around a separator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from autovoice_core import Audio, Stems


class Halver:
    """Takes half of the mixture for the vocals, and a little more in every other window."""

    context = 0.5
    spill = np.float32(0)
    """What it adds to the vocals, in silence too, and subtracts from the accompaniment."""

    def __init__(self) -> None:
        self.seen: list[int] = []

    def grid(self, sample_rate: int) -> int:
        return 100

    def separate(self, mixture: Audio) -> Stems:
        self.seen.append(mixture.frames)
        share = np.float32(0.5 + 0.1 * (len(self.seen) % 2))
        vocals = share * mixture.numpy() + self.spill
        rest = mixture.numpy() - vocals
        return Stems(Audio(vocals, mixture.sample_rate), Audio(rest, mixture.sample_rate))


class Batcher(Halver):
    """A halver of several mixtures at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def separate_batch(self, mixtures: Sequence[Audio]) -> list[Stems]:
        self.batches.append(len(mixtures))
        return [self.separate(mixture) for mixture in mixtures]


class Guesser(Halver):
    """Estimates stems independently: too little vocals, too much accompaniment."""

    independent_stems = True

    def separate(self, mixture: Audio) -> Stems:
        parts = (np.float32(share) * mixture.numpy() for share in (0.4, 0.8))
        return Stems(*(Audio(part, mixture.sample_rate) for part in parts))

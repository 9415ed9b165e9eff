"""Trackers whose results have the wrong shape, type, device or order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from attrs import evolve
from autovoice_acf.tracker import Tracker
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames

Centres = NDArray[np.int64]


class DropsLast(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        return super().estimate(audio, centres[:-1])


class Single(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, f0=found.f0.astype(np.float32))


class OnCuda:
    """An array that says it is on a GPU."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __dlpack__(self, **options: Any) -> Any:
        return self.values.__dlpack__()

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)


class Elsewhere(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, f0=OnCuda(found.f0))


class HalfVoiced(Tracker):
    def estimate(self, audio: Audio, centres: Centres) -> PitchFrames:
        found = super().estimate(audio, centres)
        return evolve(found, f0=np.where(found.voiced, found.f0, 1.0))


class PadsBatch(Tracker):
    """Pads clips with the end of the longest one."""

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[Centres]
    ) -> list[PitchFrames]:
        longest = max(audios, key=lambda audio: audio.frames).numpy()
        padded = [
            Audio(np.concatenate([audio.numpy(), longest[:, audio.frames :]], 1), audio.sample_rate)
            for audio in audios
        ]
        return [self.estimate(*clip) for clip in zip(padded, centres, strict=True)]


class MixesBatch(Tracker):
    """Answers the shortest clip first."""

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[Centres]
    ) -> list[PitchFrames]:
        order = sorted(range(len(audios)), key=lambda i: audios[i].frames)
        return [
            self.estimate(audios[i], np.minimum(centres[j], audios[i].frames))
            for j, i in enumerate(order)
        ]

"""A separator as the contract sees it: what it is given, how its stems are compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.backends.offer import Operation
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.testing.contracts import figures, measuring, singing
from autovoice_core.testing.contracts.base import Contract, Place

Found = tuple[NDArray[Any], ...]
STEMS = ("vocals", "accompaniment")


class Unmixing(Contract):
    """How a separator is asked, and what it gives is read."""

    operation: ClassVar[Operation] = "separation"

    def hear(self, subject: Any, audio: Audio) -> Found:
        """Return vocals and accompaniment."""
        return read(subject.separate(audio))

    def sound(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a singer over a band, in stereo."""
        return singing.song(seconds, sample_rate, seed).mixture

    def arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the separator's own arrays."""
        stems = subject.separate(audio)
        return {"vocals": stems.vocals.samples, "accompaniment": stems.accompaniment.samples}

    def through_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of the vocals."""
        separator = VocalSeparator(backend=self.backend, need=self.need(place))
        return separator.separate(audio).vocals.made_by

    @staticmethod
    def said(outputs: Sequence[Any]) -> Found:
        """Return the stems of a stream, joined."""
        parts = [read(output) for output in outputs]
        return tuple(np.concatenate(column, axis=1) for column in zip(*parts, strict=True))

    @staticmethod
    def differ(one: Found, other: Found) -> str | None:
        """Return how stems differ by more than -80 dB of full scale."""
        for name, a, b in zip(("vocals", "accompaniment"), one, other, strict=True):
            if a.shape != b.shape:
                return f"{name} have the shape {b.shape} and not {a.shape}"
            error = np.abs(a - b).max(initial=0.0)
            if error > 1e-4:
                return f"{name} differ by {20 * np.log10(error):.0f} dB of full scale"
        return None

    def strays(self, whole: Found, said: Found, sample_rate: int) -> str | None:
        """Return how a stream's stems differ from those of the whole by more than -10 dB."""
        for name, a, b in zip(STEMS, whole, said, strict=True):
            if a.shape != b.shape:
                return f"{name} have the shape {b.shape} and not {a.shape}"
            if measuring.sdr(a, b) < 10:
                return f"{name} are only {measuring.sdr(a, b):.1f} dB like those of the whole"
        return None

    @staticmethod
    def measured(subject: Any) -> dict[str, float]:
        """Return the figures of the separation tiers."""
        return figures.separation_gain(subject)

    def hear_batch(self, subject: Any, clips: Sequence[Audio]) -> list[Found]:
        """Return the stems of all ``clips``."""
        return [read(stems) for stems in subject.separate_batch(clips)]

    def prepared(self, subject: Any, audio: Audio) -> Callable[[], Found]:
        """Return what separates ``audio`` when called."""
        return lambda: read(subject.separate(audio))


def read(stems: Any) -> Found:
    """Return vocals and accompaniment on the host."""
    return stems.vocals.numpy(), stems.accompaniment.numpy()

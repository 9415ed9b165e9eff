"""Adapter by which the common tests call a separator and compare stems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import numpy as np

from autovoice_core._types import Audio
from autovoice_core.backends.offer import Operation
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.testing.contracts.common import measures, signals
from autovoice_core.testing.contracts.common.contract import Contract, Place, Result
from autovoice_core.testing.contracts.common.tiers import Figures
from autovoice_core.testing.contracts.separation import figures

STEMS = ("vocals", "accompaniment")


class SeparationAdapter(Contract):
    """Calls of a separator, and comparisons of its stems."""

    operation: ClassVar[Operation] = "separation"

    def run(self, subject: Any, audio: Audio) -> Result:
        """Return vocals and accompaniment."""
        return read(subject.separate(audio))

    def signal(self, seconds: float = 1.5, sample_rate: int = 16_000, seed: int = 0) -> Audio:
        """Return a singer over a band, in stereo."""
        return signals.song(seconds, sample_rate, seed).mixture

    def raw_arrays(self, subject: Any, audio: Audio) -> dict[str, Any]:
        """Return the separator's own arrays."""
        stems = subject.separate(audio)
        return {"vocals": stems.vocals.samples, "accompaniment": stems.accompaniment.samples}

    def made_by_core(self, place: Place, audio: Audio) -> tuple[Any, ...]:
        """Return ``made_by`` of the vocals."""
        separator = VocalSeparator(backend=self.backend, need=self.need(place))
        return separator.separate(audio).vocals.made_by

    @staticmethod
    def joined(outputs: Sequence[Any]) -> Result:
        """Return the stems of a stream, joined."""
        parts = [read(output) for output in outputs]
        return tuple(np.concatenate(column, axis=1) for column in zip(*parts, strict=True))

    @staticmethod
    def difference(one: Result, other: Result) -> str | None:
        """Return how stems differ by more than -80 dB of full scale, or None."""
        for name, a, b in zip(STEMS, one, other, strict=True):
            if a.shape != b.shape:
                return f"{name} have the shape {b.shape}, not {a.shape}"
            error = np.abs(a - b).max(initial=0.0)
            if error > 1e-4:
                return f"{name} differ by {20 * np.log10(error):.0f} dB of full scale"
        return None

    def stream_difference(self, whole: Result, streamed: Result, sample_rate: int) -> str | None:
        """Return how a stream's stems differ from whole-file ones by more than -10 dB, or None."""
        for name, a, b in zip(STEMS, whole, streamed, strict=True):
            if a.shape != b.shape:
                return f"{name} have the shape {b.shape}, not {a.shape}"
            if measures.sdr(a, b) < 10:
                return f"{name} have an SDR of only {measures.sdr(a, b):.1f} dB"
            late = measures.lag(a[0], b[0])
            if late:
                return f"{name} are {late} samples late"
        return None

    @staticmethod
    def quality_figures(subject: Any) -> Figures:
        """Return the figures of the separation tiers."""
        return figures.separation_figures(subject)

    def run_batch(self, subject: Any, clips: Sequence[Audio]) -> list[Result]:
        """Return the stems of all ``clips``."""
        return [read(stems) for stems in subject.separate_batch(clips)]

    def prepared_run(self, subject: Any, audio: Audio) -> Callable[[], Result]:
        """Return a function that separates ``audio``."""
        return lambda: read(subject.separate(audio))


def read(stems: Any) -> Result:
    """Return vocals and accompaniment on the host."""
    return stems.vocals.numpy(), stems.accompaniment.numpy()

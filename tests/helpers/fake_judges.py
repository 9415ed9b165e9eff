"""Judges of conversions that are simple to foresee."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from metrics_material import embedding, profile

from autovoice_core import Audio, Metrics, PitchTrack, compute_metrics
from autovoice_core.audio.source import Source
from autovoice_core.metrics import Judges
from autovoice_core.metrics.words import Transcript
from autovoice_core.voices.records import Embedding


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def form(samples: np.ndarray) -> float:
    """The form of the wave, whatever its level: 0.9 for a sine, 1 for a square."""
    return float(np.mean(np.abs(samples))) / rms(samples)


class FakeEncoder:
    """A speaker encoder whose embedding turns with what it hears."""

    version = "1"

    def __init__(self, hears: Callable[[np.ndarray], float] = form) -> None:
        self.hears = hears
        self.heard: list[float] = []

    def embedding_of(self, stretches: Iterator[Audio]) -> Embedding | None:
        self.heard += (found := [self.hears(audio.numpy()) for audio in stretches])
        return embedding(float(np.mean(found))) if found else None


class FakeRecogniser:
    """Hears a phone wherever the sound begins anew after a pause."""

    def phones(self, samples: np.ndarray) -> tuple[str, ...]:
        loud = np.abs(samples[: len(samples) // 160 * 160]).reshape(-1, 160).max(axis=1) > 1e-3
        return ("AA",) * int(np.sum(np.diff(loud.astype(int), prepend=0) == 1))


class FakeWords(FakeRecogniser):
    """Hears a word wherever the phone recogniser would hear a phone."""

    def __init__(self, log_probability: float = -0.1) -> None:
        self.log_probability = log_probability

    def transcript(self, samples: np.ndarray) -> Transcript:
        return Transcript(self.phones(samples), self.log_probability)


class FakeScorer:
    """Scores the peak; keeps what it was given."""

    def __init__(self) -> None:
        self.heard: list[np.ndarray] = []

    def score(self, samples: np.ndarray) -> float:
        self.heard.append(samples)
        return 1 + 4 * float(np.abs(samples).max())


def judged(
    before: Audio | Source,
    after: Audio | Source,
    pitch: PitchTrack,
    by: Judges,
    target: Embedding | None = None,
) -> Metrics:
    return compute_metrics(
        before,
        after,
        voice=profile(target or embedding(0.0)),
        reference_pitch=pitch,
        estimate_pitch=pitch,
        judges=by,
    )

"""Judges of a converted voice: speaker similarity, phones, pitch and quality.

Each judge names the packages it needs; :func:`available` leaves out those that are missing.
Speaker and quality are judged as `autovoice report` judges them:
``pip install 'autovoice-core[report]'``.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.metrics import dnsmos
from autovoice_core.metrics.judges import SAMPLE_RATE
from autovoice_core.metrics.perceptual import mean_quality, quality_starts
from autovoice_core.metrics.phones import PhoneRecogniser
from autovoice_core.voices.speaker_encoder import SpeakerEncoder

Signal = NDArray[np.float32]


def available(*packages: str) -> bool:
    """Return whether all of ``packages`` are installed, without importing them."""
    return all(find_spec(package) is not None for package in packages)


class Resemblyzer:
    """The GE2E speaker encoder (256 dimensions), by all of a signal, silences too."""

    needs = ()

    def __init__(self) -> None:
        self.encoder = SpeakerEncoder()

    def embed(self, signal: Signal, rate: int) -> NDArray[np.float64]:
        """Return the mean embedding of partials of 1.6 s, 1.3 a second, of length 1."""
        partials = self.encoder.partials(Audio(signal[None], rate))
        return self.encoder.embedding(partials).vector.astype(np.float64)


class Dnsmos:
    """DNSMOS P.835, overall quality from 1 to 5; trained on speech, so only differences count."""

    needs = ("speechmos", "onnxruntime")

    def __init__(self) -> None:
        self.scorer = dnsmos.Dnsmos()

    def score(self, signal: Signal, rate: int) -> float:
        """Return the overall score, by windows that begin at every second."""
        source = AudioInMemory(Audio(signal[None], rate))
        return mean_quality(self.scorer, source, quality_starts(source))


class Phones:
    """PocketSphinx's loop over phones, as `autovoice report` uses it."""

    needs = ("pocketsphinx",)

    def __init__(self) -> None:
        self.recogniser = PhoneRecogniser()

    def recognise(self, signal: Signal, rate: int) -> tuple[str, ...]:
        """Return the phones of a signal."""
        return self.recogniser.phones(soxr.resample(signal, rate, SAMPLE_RATE))


class PitchJudge:
    """Compares f0 before and after, by SwiftF0 on both."""

    needs = ("swift_f0",)

    def __init__(self) -> None:
        import swift_f0

        self.detector = swift_f0.SwiftF0()

    def track(self, signal: Signal, rate: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return times (s), f0 (Hz) and confidence, every 16 ms."""
        found = self.detector.detect(soxr.resample(signal, rate, SAMPLE_RATE), SAMPLE_RATE)
        return (
            np.asarray(found.timestamps, np.float64),
            np.asarray(found.pitch_hz, np.float64),
            np.asarray(found.confidence, np.float64),
        )

    def compare(
        self, before: Signal, after: Signal, rate: int, key: float
    ) -> tuple[float, float, float]:
        """Return median error (cents), share off by more than 50 cents, voicing agreement.

        The errors are taken after the key is removed, where both are voiced.
        """
        _, f0_before, confidence_before = self.track(before, rate)
        _, f0_after, confidence_after = self.track(after, rate)
        size = min(f0_before.size, f0_after.size)
        voiced_before, voiced_after = confidence_before[:size] > 0.5, confidence_after[:size] > 0.5
        both = voiced_before & voiced_after
        ratio = f0_after[:size][both] / f0_before[:size][both]
        cents = np.abs(1200 * np.log2(ratio) - 100 * key)
        return (
            float(np.median(cents)),
            float(np.mean(cents > 50)),
            float(np.mean(voiced_before == voiced_after)),
        )


def installed(*judges: type[Any]) -> dict[str, Any]:
    """Return the judges whose packages are installed, by their names; report the others."""
    found = {}
    for judge in judges:
        if available(*judge.needs):
            found[judge.__name__] = judge()
        else:
            print(f"left out: {judge.__name__} (needs {', '.join(judge.needs)})")
    return found

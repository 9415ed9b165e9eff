"""What a converted voice is judged by: speaker similarity, pitch, and speech-trained quality.

Each judge names the packages it needs; :func:`available` leaves out those that are missing.
None of them is a dependency of AutoVoice:
``pip install torch librosa && pip install --no-deps resemblyzer speechmos``.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

Signal = NDArray[np.float32]


def available(*packages: str) -> bool:
    """Return whether all of ``packages`` are installed, without importing them."""
    return all(find_spec(package) is not None for package in packages)


class Resemblyzer:
    """The GE2E speaker encoder of the ``resemblyzer`` package (256 dimensions).

    The package itself imports ``pkg_resources``, gone from setuptools 81; only its weights are
    read, with ``weights_only=True``.
    """

    needs = ("torch", "librosa", "resemblyzer")
    rate = 16_000

    def __init__(self) -> None:
        import torch

        self.torch = torch
        self.lstm = torch.nn.LSTM(40, 256, 3, batch_first=True)
        self.linear = torch.nn.Linear(256, 256)
        spec = find_spec("resemblyzer")
        assert spec is not None
        assert spec.origin is not None
        state = torch.load(
            Path(spec.origin).with_name("pretrained.pt"), map_location="cpu", weights_only=True
        )["model_state"]
        for name, module in (("lstm", self.lstm), ("linear", self.linear)):
            module.load_state_dict(
                {
                    key.removeprefix(f"{name}."): value
                    for key, value in state.items()
                    if key.startswith(f"{name}.")
                }
            )

    def embed(self, signal: Signal, rate: int) -> NDArray[np.float64]:
        """Return the mean embedding of partials of 1.6 s, 1.3 a second, of length 1."""
        import librosa

        signal = soxr.resample(signal, rate, self.rate)
        level = np.sqrt(np.mean(np.square(signal, dtype=np.float64)))
        signal = signal * max(1.0, 10 ** (-30 / 20) / max(level, 1e-9))
        step, length = round(self.rate / 1.3 / 160), 160
        frames = signal.size // 160 + 1
        starts = list(range(0, max(1, frames - length + step + 1), step))
        if len(starts) > 1 and (frames - starts[-1]) / length < 0.75:
            starts.pop()
        signal = np.pad(signal, (0, max(0, (starts[-1] + length) * 160 - signal.size)))
        mel = librosa.feature.melspectrogram(
            y=signal.astype(np.float32), sr=self.rate, n_fft=400, hop_length=160, n_mels=40
        ).T.astype(np.float32)
        partials = np.stack([mel[start : start + length] for start in starts])
        with self.torch.inference_mode():
            _, (hidden, _) = self.lstm(self.torch.from_numpy(partials))
            vectors = self.torch.relu(self.linear(hidden[-1])).numpy().astype(np.float64)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        mean = vectors.mean(axis=0)
        result: NDArray[np.float64] = mean / np.linalg.norm(mean)
        return result


class Dnsmos:
    """DNSMOS P.835, overall quality from 1 to 5; trained on speech, so only differences count."""

    needs = ("speechmos", "librosa", "onnxruntime")

    def score(self, signal: Signal, rate: int) -> float:
        """Return the overall score."""
        from speechmos import dnsmos

        signal = soxr.resample(signal, rate, 16_000)
        signal = signal / max(1.0, float(np.abs(signal).max()))
        result: dict[str, Any] = dnsmos.run(signal, sr=16_000)
        return float(result["ovrl_mos"])


class PitchJudge:
    """Compares f0 before and after, by SwiftF0 on both."""

    needs = ("swift_f0",)

    def __init__(self) -> None:
        import swift_f0

        self.detector = swift_f0.SwiftF0()

    def track(self, signal: Signal, rate: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return times (s), f0 (Hz) and confidence, every 16 ms."""
        found = self.detector.detect(soxr.resample(signal, rate, 16_000), 16_000)
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
        _, f0_before, sure_before = self.track(before, rate)
        _, f0_after, sure_after = self.track(after, rate)
        size = min(f0_before.size, f0_after.size)
        voiced_before, voiced_after = sure_before[:size] > 0.5, sure_after[:size] > 0.5
        both = voiced_before & voiced_after
        ratio = f0_after[:size][both] / f0_before[:size][both]
        cents = np.abs(1200 * np.log2(ratio) - 100 * key)
        return (
            float(np.median(cents)),
            float(np.mean(cents > 50)),
            float(np.mean(voiced_before == voiced_after)),
        )

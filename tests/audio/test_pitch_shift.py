from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio import pitch_shift
from autovoice_core.audio.reading import as_source

RATE = 16_000


def moved(samples: np.ndarray, semitones: float) -> np.ndarray:
    blocks = list(pitch_shift.pitch_shift(as_source(Audio(samples, RATE)), semitones))
    return np.concatenate(blocks, axis=1) if blocks else np.zeros_like(samples)


@pytest.mark.parametrize("frames", [0, 1, 160, RATE, 4 * RATE + 7])
def test_the_length_is_exact(frames: int) -> None:
    assert moved(np.full((2, frames), 0.1, np.float32), 3).shape == (2, frames)


@pytest.mark.parametrize("semitones", [-5, 3, 7])
def test_a_tone_moves_by_the_semitones(monkeypatch: pytest.MonkeyPatch, semitones: float) -> None:
    monkeypatch.setattr(pitch_shift, "_CORE_SECONDS", 2)
    seconds = 8
    t = np.arange(seconds * RATE) / RATE
    out = moved(0.3 * np.sin(2 * np.pi * 440 * t).astype(np.float32)[np.newaxis], semitones)
    peak = np.abs(np.fft.rfft(out[0] * np.hanning(out.shape[1]))).argmax() / seconds
    assert 1200 * abs(np.log2(peak / (440 * 2 ** (semitones / 12)))) < 5


def test_the_rhythm_stays_in_time_and_windows_join_without_a_hole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pitch_shift, "_CORE_SECONDS", 3)
    rng = np.random.default_rng(0)
    beat = np.arange(12 * RATE) % (RATE // 2) < RATE // 8
    noise = (0.1 * rng.standard_normal(12 * RATE) * beat).astype(np.float32)

    def envelope(samples: np.ndarray) -> np.ndarray:
        return np.sqrt(np.convolve(samples**2, np.ones(320) / 320, "same"))

    before, after = envelope(noise), envelope(moved(noise[np.newaxis], 3)[0])
    lags = range(-400, 401, 10)
    scores = [float(np.dot(before[400:-400], np.roll(after, -lag)[400:-400])) for lag in lags]
    assert abs(lags[int(np.argmax(scores))]) <= 80  # 5 ms
    beats = after.reshape(24, -1)[:, RATE // 32 : RATE // 10].mean(axis=1)
    assert beats.min() > 0.5 * np.median(beats)

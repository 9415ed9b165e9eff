from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from autovoice_core import Audio
from autovoice_core.audio.mp3_uri import mp3_data_uri
from autovoice_core.audio.source import AudioInMemory

RATE = 16_000


class Endless:
    """More sound than anybody listens to."""

    name, sample_rate, channels, frames = "endless", 96_000, 1, 1 << 40

    def blocks(self, size: int) -> Iterator[np.ndarray]:
        while True:
            yield np.zeros((1, size), np.float32)


def test_the_beginning_of_a_sound_is_taken_at_a_rate_of_mp3() -> None:
    sound = base64.b64decode(mp3_data_uri(Endless(), 2.0).split(",")[1])
    samples, rate = soundfile.read(io.BytesIO(sound))
    assert rate == 48_000
    assert len(samples) / rate == pytest.approx(2, abs=0.1)


def test_both_channels_are_kept() -> None:
    time = np.arange(RATE) / RATE
    left = 0.5 * np.sin(2 * np.pi * 440 * time)
    uri = mp3_data_uri(AudioInMemory(Audio(np.stack([left, 0 * left]), RATE)), 2.0)
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    assert (rate, samples.shape[1]) == (RATE, 2)
    assert np.sqrt(np.mean(samples**2, axis=0)) == pytest.approx([0.35, 0], abs=0.02)

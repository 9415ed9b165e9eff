from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio, InputError, SingingPitchExtractor
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic.truth import ALTO, sing, tone
from autovoice_cpu.swiftf0 import open_swiftf0
from autovoice_cpu.swiftf0_stream import SwiftF0Stream


def test_three_minutes_at_a_rate_that_is_no_multiple_do_not_drift() -> None:
    rate, seconds = 44100, 180
    time = np.arange(seconds * rate) / rate
    f0 = 300 * 2 ** (0.2 * np.sin(2 * np.pi * 0.7 * time))
    found = SingingPitchExtractor(backend="cpu/swiftf0").extract(tone(f0, harmonics=6))
    lags = np.arange(-4, 5)
    for at in (slice(200, 2200), slice(-2200, -200)):
        frames = np.arange(len(found))[at]
        misfit = [np.sum((found.f0[frames] - f0[441 * (frames + lag)]) ** 2) for lag in lags]
        fit = np.polyfit(lags, misfit, 2)
        delay_ms = 10 * fit[1] / (2 * fit[0])
        assert abs(delay_ms) < 1.5


def test_a_frame_of_the_network_falls_on_a_sample_at_each_window() -> None:
    swift = open_swiftf0(device="cpu", dtype="float32")
    assert swift.grid(16000) == 256
    assert swift.grid(48000) == 768
    assert swift.grid(44100) == 3528
    for rate in (8000, 11025, 22050, 44100, 96000, 192000):
        assert swift.grid(rate) * 16000 % (rate * 256) == 0


def opened(rate: int, hop: float = 0.01) -> SwiftF0Stream:
    return open_swiftf0(device="cpu", dtype="float32").stream(rate, hop=hop)


def cut(audio: Audio, start: int, stop: int) -> Audio:
    return Audio(audio.numpy()[:, start:stop], audio.sample_rate)


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("size", [160, 1000, 50000])
def test_a_stream_gives_what_the_whole_gives_in_time(rate: int, size: int) -> None:
    audio = sing(ALTO, 2, rate, seed=6).audio
    stream = opened(rate)
    given, count = [], 0
    for at in range(0, audio.frames, size):
        given.append(stream.feed(cut(audio, at, at + size)).f0)
        count += len(np.asarray(given[-1]))
        past = min(at + size, audio.frames) - stream.latency * rate
        assert count >= (len(frame_centres(int(past), rate, 0.01)) if past >= 0 else 0)
    f0 = np.concatenate([*given, stream.flush().f0])
    whole = SingingPitchExtractor(backend="cpu/swiftf0").extract(audio)
    assert len(f0) == len(whole)
    both = whole.voiced & (f0 > 0)
    assert np.mean(whole.voiced == (f0 > 0)) > 0.98
    assert np.percentile(np.abs(1200 * np.log2(f0[both] / whole.f0[both])), 98) < 1


@pytest.mark.parametrize("frames", [0, 1, 160])
def test_a_stream_of_any_shortness_has_frames(frames: int) -> None:
    stream = opened(16000)
    fed = stream.feed(Audio(np.zeros((1, frames), np.float32), 16000))
    assert not len(np.asarray(fed.f0))
    assert len(np.asarray(stream.flush().f0)) == 1 + frames // 160


def test_a_hop_shorter_than_a_sample_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        opened(8000, 1e-5)
    assert str(refusal.value) == (
        "hop: 1e-05 s is shorter than a sample at 8000 Hz; use at least 0.00013 s"
    )

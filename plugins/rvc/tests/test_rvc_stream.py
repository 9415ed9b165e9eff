"""Streams: the same in any blocks, in time, in tune with the whole, and of memory that stays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from rvc_runs import Samples, deaf, handmade_voice, level, listening, random_voice, sung
from toy_rvc import architecture

from autovoice_core import Audio
from autovoice_core.testing.contracts.common import measures
from autovoice_rvc.conversion.stream import RvcStream, stream_latency

RATE = 16_000


class Hum:
    """Sings the phase of the melody, which takes no time."""

    step, frames_per_second, sample_rate, device = 1, 100, 32_000, "cpu"

    def sing(self, latents: Any, melody: Any, start: int, stop: int) -> torch.Tensor:
        times = torch.arange(start * 320, stop * 320, dtype=torch.float64) / 32_000
        cycles: torch.Tensor = melody.phase(times)
        return torch.sin(2 * np.pi * cycles).to(torch.float32)


class NoWords:
    """Reads nothing."""

    def latents(self, samples: torch.Tensor, f0: Samples) -> torch.Tensor:
        assert len(samples) == 160 * len(f0)
        return torch.zeros(384, len(f0))


def humming(rate: int = RATE, block_frames: int = 50, strength: float = 1.0) -> RvcStream:
    words: Any = NoWords()
    singing: Any = Hum()
    return RvcStream(
        words,
        singing,
        rate,
        key=0.0,
        strength=strength,
        own_loudness=0.0,
        block_frames=block_frames,
    )


def fed(stream: Any, samples: Samples, sizes: list[int], rate: int = RATE) -> Samples:
    """Return what a stream gives for samples in blocks of these sizes, again and again."""
    found, begin, number = [], 0, 0
    while begin < samples.shape[1]:
        size = sizes[number % len(sizes)]
        found.append(stream.feed(Audio(samples[:, begin : begin + size].copy(), rate)).numpy())
        begin, number = begin + size, number + 1
        given = sum(part.shape[1] for part in found)
        assert min(begin, samples.shape[1]) - given <= stream.latency * rate
    return np.concatenate([*found, stream.flush().numpy()], axis=1)


@pytest.mark.parametrize(("rate", "strength"), [(16_000, 1.0), (11_025, 1.0), (44_101, 0.5)])
def test_any_blocks_give_the_same_in_time_and_length(rate: int, strength: float) -> None:
    source = sung(rate, 2.0).audio.numpy()
    stereo = np.concatenate([source, 0.3 * source])[:, : 2 * rate - 17]
    whole = fed(humming(rate, strength=strength), stereo, [3 * rate], rate)
    assert whole.shape == stereo.shape
    for sizes in ([rate // 10], [1, 4000, 0, 333]):
        assert level(fed(humming(rate, strength=strength), stereo, sizes, rate) - whole) < -110
    np.testing.assert_allclose(whole[1], 0.3 * whole[0], atol=1e-5)


@pytest.mark.parametrize("block_frames", [10, 23, 50])
def test_shorter_blocks_are_sooner_there(block_frames: int) -> None:
    stream = humming(block_frames=block_frames)
    assert stream.latency == pytest.approx(stream_latency(block_frames), abs=1e-3)
    assert stream.latency == pytest.approx(block_frames / 100 + 0.48, abs=1e-3)
    source = sung(RATE, 1.5).audio.numpy()
    assert fed(stream, source, [160]).shape == source.shape


def test_an_empty_stream_ends_empty() -> None:
    stream = humming()
    assert stream.feed(Audio(np.zeros((2, 0), np.float32), RATE)).frames == 0
    assert stream.flush().frames == 0
    assert deaf().stream(RATE, voice=handmade_voice(), key=0.0).flush().frames == 0


@pytest.mark.parametrize("frames", [1, 100, 5000])
def test_a_short_stream_is_given_whole_at_its_end(frames: int) -> None:
    samples = sung().audio.numpy()[:, 8000 : 8000 + frames]
    assert fed(humming(), samples, [frames]).shape == (1, frames)


def test_what_is_kept_of_a_stream_does_not_grow() -> None:
    stream = humming()
    source = np.tile(sung(RATE, 2.0).audio.numpy(), (1, 10))  # 20 s
    kept = []
    for begin in range(0, source.shape[1], 1600):
        stream.feed(Audio(source[:, begin : begin + 1600].copy(), RATE))
        held = (stream._source, stream._mono, stream._sung)
        kept.append(sum(each.values.shape[1] for each in held) + len(stream._pitch._f0))
    assert max(kept[30:]) <= max(kept[:30])
    assert max(kept) < 5 * RATE


def test_a_stream_is_in_tune() -> None:
    source = sung(RATE, 1.5)
    stream = deaf().stream(RATE, voice=handmade_voice(), key=5.0)
    result = fed(stream, source.audio.numpy(), [1600])
    expected = source.f0 * 2 ** (5 / 12)
    assert measures.f0_error(result[0], expected, RATE) < 15
    assert level(result) == pytest.approx(level(source.audio.numpy()), abs=1)


def test_a_stream_of_random_weights_is_the_same_in_any_blocks() -> None:
    source = sung().audio.numpy()[:, :9000]
    one, other = (
        fed(listening().stream(RATE, voice=random_voice("v2 32k"), key=2.0, seed=3), source, sizes)
        for sizes in ([RATE], [777])
    )
    assert one.shape == source.shape
    assert level(one) == pytest.approx(level(source), abs=2)
    assert level(other - one) < level(one) - 100


def test_a_voice_without_f0_streams_too() -> None:
    source = sung().audio.numpy()[:, :8000]
    assert not architecture("v2 32k without f0").f0
    stream = deaf().stream(RATE, voice=random_voice("v2 32k without f0"), key=0.0)
    assert fed(stream, source, [1000]).shape == source.shape

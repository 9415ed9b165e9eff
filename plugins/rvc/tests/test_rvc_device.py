"""A song that lies on a device is sung there, and a stream: no samples go to and fro."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from pretended_device import NAME, OnDevice, Shape, pretended_device
from rvc_runs import contentvec, convert, level, random_voice, sung
from toy_rvc import NoContent

from autovoice_core import Audio
from autovoice_core._arrays import device_name
from autovoice_rvc.conversion.converter import RvcV2

RATE = 16_000


def stereo(seconds: float) -> torch.Tensor:
    samples = sung(RATE, seconds).audio.numpy()
    return torch.from_numpy(np.concatenate([samples, 0.3 * samples]))


class Deaf(NoContent):
    """Hears no words in anything, on any device."""

    def forward(self, samples: torch.Tensor, *, version: int) -> torch.Tensor:
        return super().forward(samples, version=version).to(samples.device)


def sounds(shapes: list[Shape]) -> list[Shape]:
    """Return the transfers of a second of sound or more, which are neither tables nor tracks."""
    return [shape for shape in shapes if max(shape, default=0) >= RATE]


@pytest.mark.parametrize(("network", "strength"), [(contentvec, 1.0), (Deaf, 0.5)])
def test_a_song_on_the_device_stays_there(network: Callable[[], Any], strength: float) -> None:
    source, samples = sung(RATE, 1.0), stereo(1.0)
    controls: dict[str, Any] = {"key": 2.0, "strength": strength}
    voice = random_voice("v2 32k")
    expected = convert(RvcV2(network()), voice, Audio(samples, RATE), source.pitch, **controls)
    with pretended_device() as device:
        audio = Audio(samples.to("cuda"), RATE)
        conversion = RvcV2(network(), "cuda").begin(voice, source.pitch, RATE, **controls)
        device.sent.clear()
        conversion.observe(audio, 0)
        assert sounds(device.sent + device.fetched) == []
        found = conversion.render(audio, 0)
        assert sounds(device.fetched) == []
        # Noise is drawn on the host, as it is the same on all devices.
        (noise,) = sounds(device.sent)
        assert noise[-1] > 2 * RATE
        assert isinstance(found.samples, OnDevice)
        assert device_name(found.samples) == NAME.type
        assert level(found.numpy() - expected) < level(expected) - 100
        assert device.fetched[-1] == tuple(samples.shape)


def test_a_song_on_the_host_is_sent_and_comes_back_on_the_device() -> None:
    source, samples = sung(RATE, 0.6), stereo(0.6)
    with pretended_device() as device:
        conversion = RvcV2(Deaf(), "cuda").begin(
            random_voice("v2 32k"), source.pitch, RATE, key=0.0
        )
        conversion.observe(Audio(samples.numpy(), RATE), 0)
        assert tuple(samples.shape) in device.sent
        assert isinstance(conversion.render(Audio(samples.numpy(), RATE), 0).samples, OnDevice)


def test_a_stream_is_fetched_only_for_its_pitch() -> None:
    samples = stereo(1.2)
    with pretended_device() as device:
        stream = RvcV2(Deaf(), "cuda").stream(RATE, voice=random_voice("v2 32k"), key=0.0)
        there = samples.to("cuda")
        device.fetched.clear()
        found = stream.feed(Audio(there, RATE))
        assert sounds(device.fetched) == [(1, samples.shape[1])]  # the tracker is on the host
        assert found.frames > 0
        assert isinstance(found.samples, OnDevice)
        assert isinstance(stream.flush().samples, OnDevice)


def test_the_pretended_device_is_as_strict_as_a_true_one() -> None:
    here = torch.ones(3)
    with pretended_device() as device:
        there = here.to("cuda")
        with pytest.raises(RuntimeError, match="don't mix"):
            there + here
        with pytest.raises(TypeError, match=r"use \.cpu\(\) first"):
            there.numpy()
        assert there.device == NAME
        assert torch.arange(3, device="cuda").device == NAME
        assert (2 * there).cpu().numpy().tolist() == [2, 2, 2]
        assert (device.sent, device.fetched) == ([(3,)], [(3,)])

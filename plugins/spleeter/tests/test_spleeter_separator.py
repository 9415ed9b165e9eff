from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from autovoice_core import Audio, InputError
from autovoice_core.testing import truth
from autovoice_spleeter import factories
from autovoice_spleeter.factories import open_2stems, open_fused
from autovoice_spleeter.separator import Spleeter

RATE = 44_100
CPU = {"device": "cpu", "dtype": "float32"}


@cache
def separator(name: str) -> Spleeter:
    return {"2stems": open_2stems, "fused": open_fused}[name](**CPU)


@pytest.fixture(params=["2stems", "fused"])
def spleeter(request: pytest.FixtureRequest) -> Spleeter:
    return separator(request.param)


def noise(seconds: float, channels: int = 2, rate: int = RATE, seed: int = 0) -> Audio:
    rng = np.random.default_rng(seed)
    samples = rng.standard_normal((channels, round(seconds * rate))) * 0.1
    return Audio(samples.astype(np.float32), rate)


def sdr(true: NDArray[Any], found: NDArray[Any]) -> float:
    return 10 * float(np.log10(np.sum(true**2) / np.sum((true - found) ** 2)))


def test_a_sung_song_is_separated(spleeter: Spleeter) -> None:
    song = truth.song(6.0, RATE, seed=1)
    vocals = spleeter.separate(song.mixture).vocals.numpy()
    true = song.stems.vocals.numpy()
    assert sdr(true, vocals) > sdr(true, song.mixture.numpy()) + 6


@pytest.mark.parametrize("rate", [8000, 48_000])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("frames", [0, 1, 20_001])
def test_any_rate_and_any_channels_come_out_as_they_went_in(
    spleeter: Spleeter, rate: int, channels: int, frames: int
) -> None:
    mixture = noise(frames / rate, channels, rate)
    stems = spleeter.separate(mixture)
    assert stems.vocals.numpy().shape == (channels, frames)
    np.testing.assert_array_equal(
        stems.accompaniment.numpy(), mixture.numpy() - stems.vocals.numpy()
    )


def test_what_is_mono_stays_it(spleeter: Spleeter) -> None:
    mono = noise(1, 1)
    expected = spleeter.separate(mono).vocals.numpy()
    both = Audio(np.repeat(mono.numpy(), 2, axis=0), RATE)
    np.testing.assert_allclose(
        spleeter.separate(both).vocals.numpy(), np.repeat(expected, 2, axis=0), atol=1e-6
    )
    alone = Audio(np.concatenate([mono.numpy(), 0 * mono.numpy()]), RATE)
    found = spleeter.separate(alone).vocals.numpy()
    np.testing.assert_allclose(found[0], expected[0], atol=1e-4)
    assert not found[1].any()


@pytest.mark.parametrize("gain", [1e-3, 30])
def test_the_level_of_the_mixture_does_not_matter(spleeter: Spleeter, gain: float) -> None:
    mixture = noise(1)
    louder = Audio(np.float32(gain) * mixture.numpy(), RATE)
    plain = spleeter.separate(mixture).vocals.numpy()
    assert sdr(plain, spleeter.separate(louder).vocals.numpy() / gain) > 60


def test_silence_is_silent_and_is_not_run(
    spleeter: Spleeter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spleeter, "_masked", lambda *_: pytest.fail("the networks were run"))
    silence = Audio(np.zeros((2, 3 * RATE), np.float32), RATE)
    assert not spleeter.separate(silence).vocals.numpy().any()


def test_all_frequencies_are_in_one_of_the_stems_and_those_above_11_khz_in_both() -> None:
    song = noise(2)
    vocals = separator("2stems").separate(song).vocals.numpy()
    spectrum = np.abs(np.fft.rfft(vocals[0]))
    frequency = np.fft.rfftfreq(vocals.shape[1], 1 / RATE)
    top, below = (
        spectrum[(frequency > a) & (frequency < b)] for a, b in ((12e3, 20e3), (9e3, 11e3))
    )
    assert 0.5 < np.mean(top) / np.mean(below) < 2


def test_other_devices_and_dtypes_are_refused() -> None:
    for device, dtype in (("metal", "float32"), ("cpu", "float16")):
        with pytest.raises(InputError) as caught:
            open_fused(device=device, dtype=dtype)
        assert str(caught.value) == (
            f"device, dtype: spleeter/fused runs on cpu or cuda in float32, not on {device} in "
            f"{dtype}; ask for those or choose another backend"
        )


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
def test_a_torch_without_cuda_says_so() -> None:
    with pytest.raises(RuntimeError) as caught:
        open_2stems(device="cuda", dtype="float32")
    assert str(caught.value) == (
        f"this torch {torch.__version__} can't use cuda here; install a build of torch "
        "with CUDA, or ask for cpu"
    )
    with pytest.raises(RuntimeError, match="can't use cuda here"):
        factories.probe("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA")
def test_a_gpu_gives_what_the_cpu_gives() -> None:
    mixture = truth.song(3.0, RATE, seed=1).mixture
    expected = separator("fused").separate(mixture).vocals.numpy()
    found = open_fused(device="cuda", dtype="float32").separate(mixture).vocals.numpy()
    assert sdr(expected, found) > 50


def test_the_probe_passes_and_notices_nonsense(monkeypatch: pytest.MonkeyPatch) -> None:
    factories.probe("cpu")

    def broken(self: Any, magnitudes: torch.Tensor) -> torch.Tensor:
        return magnitudes * torch.nan

    monkeypatch.setattr(factories.UNet, "forward", broken)
    with pytest.raises(RuntimeError) as caught:
        factories.probe("cpu")
    assert str(caught.value) == "networks return NaN or infinity; reinstall torch"

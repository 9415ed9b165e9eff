"""Core's algorithms on torch tensors: results equal those on NumPy arrays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import array_api_compat.numpy
import array_api_compat.torch

from autovoice_core import Audio, SingingPitchExtractor, VoiceProfile
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_core.testing import truth
from autovoice_core.testing.truth import SINGERS, add_noise, sing
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels

PLACE = DeviceNamespace(array_api_compat.torch, "cpu")


class OnTensors:
    """Kernels of the CPU that take tensors and return such."""

    def __init__(self, kernels: Any) -> None:
        self._kernels = kernels

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(self._kernels, name)

        def call(*arguments: Any) -> Any:
            found = kernel(*(a.numpy() if isinstance(a, torch.Tensor) else a for a in arguments))
            if isinstance(found, tuple):
                return tuple(map(torch.from_numpy, found))
            return torch.from_numpy(found)

        return call


@pytest.mark.parametrize("name", SINGERS)
@pytest.mark.parametrize("rate", [8000, 22050])
def test_the_tracker_takes_one_path_on_torch_and_numpy(name: str, rate: int) -> None:
    sung = add_noise(sing(SINGERS[name], 2.0, rate, seed=7).audio, 15)
    clips = [sung, Audio(sung.numpy()[:, : rate // 3], rate)]
    centres = [np.arange(0, clip.frames, rate // 100) for clip in clips]
    on_torch = Nccf(PLACE, OnTensors(ReferencePitchKernels()))
    on_numpy = Nccf(array_api_compat.numpy, ReferencePitchKernels())
    found = on_torch.estimate_batch(clips, centres)
    expected = on_numpy.estimate_batch(clips, centres)
    assert np.mean(expected[0].voiced) > 0.2
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.voiced, other.voiced)
        np.testing.assert_array_equal(one.confidence, other.confidence)
        np.testing.assert_allclose(one.f0, other.f0, rtol=1e-12)


@pytest.mark.parametrize("channels", [1, 2])
def test_separation_is_one_on_torch_and_numpy(channels: int) -> None:
    mixture = truth.song(seconds=20, sample_rate=8000, seed=3, singer=truth.TENOR).mixture
    mixture = mixture.mono() if channels == 1 else mixture
    found = WeightedRobustPCA(PLACE).separate(mixture)
    expected = WeightedRobustPCA(array_api_compat.numpy).separate(mixture)
    assert isinstance(found.vocals.samples, torch.Tensor)
    vocals = expected.vocals.numpy()
    off = found.vocals.numpy() - vocals
    assert np.sum(off**2) < 1e-7 * np.sum(vocals**2)


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_conversion_is_one_on_torch_and_numpy(tmp_path: Path, key: float) -> None:
    sing(truth.SOPRANO, 20, 16_000, seed=5).audio.save(tmp_path / "take.wav")
    voice = VoiceProfile.from_recordings([tmp_path / "take.wav"], name="Ada")
    sung = add_noise(sing(truth.TENOR, 4, 16_000, seed=9).audio, 30)
    pitch = SingingPitchExtractor().extract(sung)
    kernels = NumbaConversionKernels()
    found = []
    for converter in (
        Retrieval(PLACE, OnTensors(kernels), PLACE.device),
        Retrieval(array_api_compat.numpy, kernels),
    ):
        song = converter.begin(voice, pitch, sung.sample_rate, key=key)
        song.observe(sung, 0)
        found.append(song.render(sung, 0))
    assert isinstance(found[0].samples, torch.Tensor)
    off = found[0].numpy() - found[1].numpy()
    assert np.sum(off**2) < 1e-7 * np.sum(found[1].numpy() ** 2)

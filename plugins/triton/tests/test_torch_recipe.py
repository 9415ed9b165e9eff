"""The recipe on torch tensors takes the path that it takes on NumPy arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")

import array_api_compat.numpy
import array_api_compat.torch

from autovoice_core import Audio
from autovoice_core.recipes.pitch import Nccf
from autovoice_core.recipes.placed import Placed
from autovoice_core.recipes.reference.pitch import ReferencePitchKernels
from autovoice_core.testing.truth import SINGERS, add_noise, sing


class OnTensors:
    """The slow kernels, given tensors and giving them."""

    def __getattr__(self, name: str) -> Any:
        kernel = getattr(ReferencePitchKernels(), name)

        def call(*arguments: Any) -> Any:
            found = kernel(*(a.numpy() if isinstance(a, torch.Tensor) else a for a in arguments))
            if isinstance(found, tuple):
                return tuple(map(torch.from_numpy, found))
            return torch.from_numpy(found)

        return call


@pytest.mark.parametrize("name", SINGERS)
@pytest.mark.parametrize("rate", [8000, 22050])
def test_the_recipe_takes_one_path_on_torch_and_numpy(name: str, rate: int) -> None:
    sung = add_noise(sing(SINGERS[name], 2.0, rate, seed=7).audio, 15)
    clips = [sung, Audio(sung.numpy()[:, : rate // 3], rate)]
    centres = [np.arange(0, clip.frames, rate // 100) for clip in clips]
    on_torch = Nccf(Placed(array_api_compat.torch, "cpu"), OnTensors())
    on_numpy = Nccf(array_api_compat.numpy, ReferencePitchKernels())
    found = on_torch.estimate_batch(clips, centres)
    expected = on_numpy.estimate_batch(clips, centres)
    assert np.mean(expected[0].voiced) > 0.2
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.voiced, other.voiced)
        np.testing.assert_array_equal(one.confidence, other.confidence)
        np.testing.assert_allclose(one.f0, other.f0, rtol=1e-12)

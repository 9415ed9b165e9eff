"""A stream of conversion on a fake device: its result equals that on the host."""

from __future__ import annotations

from typing import Any

import array_api_compat.numpy as host
import numpy as np
import pytest
from on_device import OnDevice

from autovoice_core import Audio, VoiceProfile
from autovoice_core._arrays import device_name
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.stream.retrieval import LOWEST_F0, StreamingRetrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.synthetic import truth
from autovoice_core.testing.fake_device import NAME, FakeDevice


def streaming(
    xp: Any, kernels: Any, pitch_kernels: Any, device: str | None = None
) -> StreamingRetrieval:
    return StreamingRetrieval(xp, kernels, Nccf(xp, pitch_kernels, fmin=LOWEST_F0), device)


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_a_stream(voice: VoiceProfile, key: float) -> None:
    place = DeviceNamespace(FakeDevice(), NAME)
    kernels = ReferenceConversionKernels(), ReferencePitchKernels()
    there = [OnDevice(each, place.wrapped) for each in kernels]
    sung = truth.sing(truth.ALTO, 0.6, 16_000, seed=1).audio
    sung = Audio(np.repeat(sung.numpy(), 2, axis=0), 16_000)
    found = []
    for converter, audio in (
        (streaming(host, *kernels), sung),
        (streaming(place, *there, NAME), Audio(place.asarray(sung.numpy()), 16_000)),
    ):
        stream = converter.stream(16_000, voice=voice, key=key)
        found.append([stream.feed(audio), stream.flush()])
    for here, away in zip(*found, strict=True):
        assert device_name(away.samples) == "cuda"
        np.testing.assert_allclose(away.numpy(), here.numpy(), atol=1e-6)

"""A stream of conversion on a fake device: its result equals that on the host."""

from __future__ import annotations

import array_api_compat.numpy as host
import numpy as np
import pytest
from on_device import OnDevice

from autovoice_core import Audio, VoiceProfile
from autovoice_core._arrays import device_name
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.stream.retrieval import StreamingRetrieval
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.synthetic import truth
from autovoice_core.testing.fake_device import NAME, FakeDevice


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_a_stream(voice: VoiceProfile, key: float) -> None:
    place = DeviceNamespace(FakeDevice(), NAME)
    kernels = ReferenceConversionKernels(), ReferencePitchKernels()
    there = (OnDevice(each, place.wrapped) for each in kernels)
    sung = truth.sing(truth.ALTO, 0.6, 16_000, seed=1).audio
    sung = Audio(np.repeat(sung.numpy(), 2, axis=0), 16_000)
    found = []
    for converter, audio in (
        (StreamingRetrieval(host, *kernels), sung),
        (StreamingRetrieval(place, *there, NAME), Audio(place.asarray(sung.numpy()), 16_000)),
    ):
        stream = converter.stream(16_000, voice=voice, key=key)
        found.append([stream.feed(audio), stream.flush()])
    for here, away in zip(*found, strict=True):
        assert device_name(away.samples) == "cuda"
        np.testing.assert_allclose(away.numpy(), here.numpy(), atol=1e-6)

"""Tensors of torch, and arrays on a device, as samples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio, InputError, PitchTrack, SingingPitchExtractor, VocalSeparator
from autovoice_core.testing.fake_device import DeviceArray, FakeDevice

RATE = 8000
SINE = (0.25 * np.sin(2 * np.pi * 220 / RATE * np.arange(RATE))).astype(np.float32)


@pytest.mark.parametrize("shape", [(RATE,), (1, RATE), (RATE, 1)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int16])
def test_an_array_on_a_device_is_converted_there(shape: tuple[int, ...], dtype: type) -> None:
    library = FakeDevice()
    values = (SINE * (2**15 if dtype is np.int16 else 1)).astype(dtype).reshape(shape)
    audio = Audio(DeviceArray(values, library), RATE)
    assert not library.fetched
    assert isinstance(audio.samples, DeviceArray)
    assert repr(audio) == "Audio(1 channel, 1.00 s at 8000 Hz on cuda)"
    np.testing.assert_allclose(audio.numpy(), [SINE], atol=2**-15)


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="tensors need torch")


def test_a_tensor_is_taken_without_a_copy_and_results_become_tensors_without_one(
    torch: Any,
) -> None:
    tensor = torch.from_numpy(SINE.copy())[None]
    audio = Audio(tensor, RATE)
    assert np.shares_memory(audio.numpy(), tensor.numpy())
    vocals = VocalSeparator().separate(audio).vocals
    assert isinstance(vocals.samples, np.ndarray)
    assert torch.from_dlpack(vocals.samples).shape == (1, RATE)
    track = SingingPitchExtractor().extract(audio)
    assert track == SingingPitchExtractor().extract(Audio(SINE, RATE))


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16"])
def test_tensors_of_any_precision_are_sound(torch: Any, dtype: str) -> None:
    tensor = torch.from_numpy(SINE).to(getattr(torch, dtype)).requires_grad_()
    np.testing.assert_allclose(Audio(tensor, torch.tensor(RATE)).numpy(), [SINE], atol=2**-10)


def test_integer_tensors_as_torchaudio_loads_them_have_their_full_scale(torch: Any) -> None:
    tensor = torch.from_numpy(np.array([[-(2**15), 2**14]], np.int16))
    np.testing.assert_array_equal(Audio(tensor, RATE).numpy(), [[-1, 0.5]])


def test_tensors_make_a_pitch_track(torch: Any) -> None:
    f0 = torch.tensor([0.0, 220.0])
    track = PitchTrack(f0, f0 > 0, f0 > 0, torch.tensor(0.01))
    assert (track.f0.dtype, track.voiced.tolist()) == (np.float64, [False, True])


def test_a_tensor_that_holds_no_values_is_refused(torch: Any) -> None:
    with pytest.raises(InputError) as caught:
        Audio(torch.zeros(2, 10).to_sparse(), RATE)
    assert str(caught.value).startswith(
        "samples: an object of type Tensor can't be read as an array ("
    )

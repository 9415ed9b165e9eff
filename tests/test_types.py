from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core._arrays import as_numpy, device_name


class OnlyDLPack:
    """An array as a foreign library might have it: nothing but the protocol."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __dlpack__(self, **options: object) -> object:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()


def refusal(samples: np.ndarray, rate: int = 44_100) -> str:
    with pytest.raises(InputError) as caught:
        Audio(samples, rate)
    return str(caught.value)


def test_audio_takes_any_array_that_speaks_dlpack_without_a_copy() -> None:
    samples = np.zeros((2, 10), np.float32)
    audio = Audio(OnlyDLPack(samples), 44_100)
    assert (audio.channels, audio.frames, audio.duration) == (2, 10, 10 / 44_100)
    assert np.shares_memory(audio.numpy(), samples)
    assert device_name(audio.samples) == "cpu"


def test_what_does_not_speak_dlpack_is_no_array() -> None:
    with pytest.raises(TypeError, match="expected an array that has __dlpack__, got list"):
        as_numpy([1.0])  # type: ignore[arg-type]


def test_a_wrong_dtype_is_refused() -> None:
    assert refusal(np.zeros((1, 5))) == (
        "samples: dtype float64 is not float32; convert with samples.astype(numpy.float32)"
    )


@pytest.mark.parametrize("shape", [(5,), (0, 5), (9, 5), (1, 1, 5)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    assert refusal(np.zeros(shape, np.float32)) == (
        f"samples: the shape {shape} is not (channels, frames) with 1 to 8 channels; "
        "a mono signal is samples[numpy.newaxis, :]"
    )


@pytest.mark.parametrize("rate", [0, 7999, 192_001])
def test_a_rate_out_of_range_is_refused(rate: int) -> None:
    assert refusal(np.zeros((1, 5), np.float32), rate) == (
        f"sample_rate: {rate} Hz is outside 8000 to 192000 Hz; resample the audio first"
    )


def test_mono_is_the_mean_of_the_channels() -> None:
    audio = Audio(np.array([[1, 0], [0, -1]], np.float32), 8000)
    np.testing.assert_array_equal(audio.mono().numpy(), [[0.5, -0.5]])
    assert audio.mono().mono().channels == 1


def test_a_track_tells_the_time_of_its_frames() -> None:
    values = np.zeros(3)
    track = PitchTrack(values, values > 0, values.astype(np.float32), hop=0.01, start=1.0)
    np.testing.assert_allclose(track.times, [1.0, 1.01, 1.02])


def test_a_track_of_uneven_arrays_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        PitchTrack(np.zeros(3), np.zeros(2, bool), np.zeros(3, np.float32), hop=0.01)
    assert str(caught.value) == (
        "f0, voiced and confidence differ in shape: (3,), (2,), (3,); "
        "give one value per frame of each"
    )


def test_a_track_without_a_hop_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        PitchTrack(np.zeros(0), np.zeros(0, bool), np.zeros(0, np.float32), hop=0.0)
    assert str(caught.value) == "hop: 0.0 s is not a positive number of seconds"

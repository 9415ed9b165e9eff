from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core._arrays import as_numpy, device_name


class OnlyDLPack:
    """An array as a foreign library might have it: nothing but the protocol."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __dlpack__(self, **options: object) -> object:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()


def refusal(samples: Any, rate: Any = 44_100) -> str:
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


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.longdouble, ">f4"])
def test_floats_of_any_precision_are_taken_as_they_are(dtype: str) -> None:
    audio = Audio(np.array([[0.5, -0.25]], dtype), 44_100)
    assert audio.numpy().dtype == np.float32
    np.testing.assert_array_equal(audio.numpy(), [[0.5, -0.25]])


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("int16", [-(2**15), 0, 2**14]),
        (">i2", [-(2**15), 0, 2**14]),
        ("int32", [-(2**31), 0, 2**30]),
        ("uint8", [0, 128, 192]),
    ],
)
def test_integers_of_sound_files_have_their_full_scale(dtype: str, values: list[int]) -> None:
    np.testing.assert_array_equal(Audio(np.array(values, dtype), 44_100).numpy(), [[-1, 0, 0.5]])


@pytest.mark.parametrize("dtype", ["int64", "int8", "uint16", "bool", "complex64", "<U1"])
def test_numbers_that_are_not_sound_are_refused(dtype: str) -> None:
    samples = np.zeros(5, dtype)
    assert refusal(samples) == (
        f"samples: the dtype {samples.dtype.name} is not one of sound; give floats with full scale "
        "at 1, or int16, int32 or uint8 as in sound files"
    )


@pytest.mark.parametrize(
    ("shape", "channels", "frames"),
    [
        ((5,), 1, 5),
        ((2, 50), 2, 50),
        ((50, 2), 2, 50),
        ((2, 2), 2, 2),
        ((8, 3), 8, 3),
        ((9, 3), 3, 9),
        ((2, 0), 2, 0),
        ((0, 2), 2, 0),
        ((0,), 1, 0),
    ],
)
def test_a_first_axis_of_one_to_eight_is_the_channels(
    shape: tuple[int, ...], channels: int, frames: int
) -> None:
    samples = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    audio = Audio(samples, 44_100)
    assert (audio.channels, audio.frames) == (channels, frames)
    first_channel = samples.reshape(shape if len(shape) > 1 else (1, -1))
    first_channel = first_channel[0] if first_channel.shape[0] == channels else first_channel[:, 0]
    np.testing.assert_array_equal(audio.numpy()[0], first_channel)


@pytest.mark.parametrize("shape", [(), (0, 0), (9, 9), (1, 1, 5)])
def test_a_wrong_shape_is_refused(shape: tuple[int, ...]) -> None:
    assert refusal(np.zeros(shape, np.float32)) == (
        f"samples: the shape {shape} is not (frames,), (channels, frames) or (frames, channels) "
        "with 1 to 8 channels; give one recording"
    )


def test_a_list_of_numbers_is_an_array() -> None:
    np.testing.assert_array_equal(Audio([0.5, 0.25], 44_100).numpy(), [[0.5, 0.25]])
    assert refusal([[0.5], [0.25, 0.5]]).startswith(
        "samples: an object of type list can't be read as an array (setting an array element"
    )


@pytest.mark.parametrize(
    ("samples", "named"),
    [
        (None, "None"),
        ("song.wav", "'song.wav'"),
        (object(), "an object of type object"),
        (3.0, "3.0"),
        (np.float64(3), "3.0"),
    ],
)
def test_what_is_no_array_is_refused(samples: Any, named: str) -> None:
    assert refusal(samples) == f"samples: {named} is not an array; give a NumPy array"


@pytest.mark.parametrize(
    ("samples", "named"),
    [([0.1, "a"], "[0.1, 'a']"), (["song.wav"], "['song.wav']"), ((None, 1), "(None, 1)")],
)
def test_a_list_of_other_things_is_refused(samples: Any, named: str) -> None:
    assert refusal(samples) == f"samples: {named} is not a list of numbers; give a NumPy array"


@pytest.mark.parametrize("rate", [0, 7999, 192_001])
def test_a_rate_out_of_range_is_refused(rate: int) -> None:
    assert refusal(np.zeros((1, 5), np.float32), rate) == (
        f"sample_rate: {rate} Hz is outside 8000 to 192000 Hz; resample the audio first"
    )


@pytest.mark.parametrize("rate", [44_100.0, "44100", np.int64(44_100), np.float32(44_100)])
def test_a_whole_rate_of_any_type_is_an_int(rate: Any) -> None:
    found = Audio(np.zeros(5, np.float32), rate).sample_rate
    assert (found, type(found)) == (44_100, int)


@pytest.mark.parametrize(
    ("rate", "named"),
    [
        (44_100.5, "44100.5"),
        ("CD", "'CD'"),
        (None, "None"),
        (True, "True"),
        (float("nan"), "nan"),
        ([44_100], "[44100]"),
        (np.zeros(2), "an object of type ndarray"),
    ],
)
def test_what_is_no_rate_is_refused(rate: Any, named: str) -> None:
    assert refusal(np.zeros(5, np.float32), rate) == (
        f"sample_rate: {named} is not a whole number of Hz; give for example 44100"
    )


def test_audio_is_cut_by_seconds_without_a_copy() -> None:
    audio = Audio(np.arange(40_000, dtype=np.float32) / 40_000, 8000)
    part = audio[1.0:2.5]
    np.testing.assert_array_equal(part.numpy(), audio.numpy()[:, 8000:20_000])
    assert np.shares_memory(part.numpy(), audio.numpy())
    np.testing.assert_array_equal(audio[-1:].numpy(), audio.numpy()[:, -8000:])
    np.testing.assert_array_equal(audio[:-1.5].numpy(), audio.numpy()[:, :-12_000])
    assert audio[4:9].duration == 1.0
    assert audio[-9:1].duration == 1.0
    assert audio[3:2].frames == audio[6:].frames == 0


@pytest.mark.parametrize("seconds", [1, slice(0, 2, 2), (slice(None), slice(None)), "all"])
def test_other_ways_to_cut_audio_are_refused(seconds: Any) -> None:
    with pytest.raises(InputError) as caught:
        Audio(np.zeros(10, np.float32), 8000)[seconds]
    assert str(caught.value) == (
        "seconds: Audio is cut by start and end in seconds; write for example audio[1.0:2.5]"
    )


def test_the_repr_of_audio_is_one_short_line() -> None:
    assert repr(Audio(np.zeros((2, 22_050)), 44_100)) == "Audio(2 channels, 0.50 s at 44100 Hz)"
    assert repr(Audio(np.zeros(8000), 8000)) == "Audio(1 channel, 1.00 s at 8000 Hz)"


def test_audio_is_compared_hashed_copied_and_pickled_by_its_values() -> None:
    audio = Audio(np.linspace(-1, 1, 16), 8000)
    for twin in (
        copy.copy(audio),
        copy.deepcopy(audio),
        pickle.loads(pickle.dumps(audio)),
        Audio(OnlyDLPack(audio.numpy()), 8000),
    ):
        assert twin == audio
        assert hash(twin) == hash(audio)
    assert audio != Audio(audio.numpy(), 16_000)
    assert audio != Audio(-audio.numpy(), 8000)
    assert audio != audio.numpy().tolist()


def test_mono_is_the_mean_of_the_channels() -> None:
    audio = Audio(np.array([[1, 0], [0, -1]], np.float32), 8000)
    np.testing.assert_array_equal(audio.mono().numpy(), [[0.5, -0.5]])
    assert audio.mono().mono().channels == 1


@pytest.mark.filterwarnings("ignore:the matrix subclass")
def test_a_subclass_of_the_array_is_a_plain_array() -> None:
    for samples in (np.matrix([[0.5, 0.25]], np.float32), np.ma.array([[0.5]], np.float32)):
        assert type(Audio(samples, 8000).samples) is np.ndarray

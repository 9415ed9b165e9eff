from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import InputError
from autovoice_core.pitch.nccf.device_input import check_batch, check_lengths, cuda_device


@pytest.mark.parametrize(
    ("shape", "kind", "rate", "hop", "message"),
    [
        (
            (9,),
            "float32",
            8000,
            80,
            "audio: the shape (9,) is not (batch, samples); one voice is audio[None, :]",
        ),
        (
            (1, 9),
            "float64",
            8000,
            80,
            "audio: dtype float64 is neither float32 nor int16; convert it first",
        ),
        (
            (1, 9),
            "int16",
            4000,
            80,
            "sample_rate: 4000 Hz is outside 8000 to 192000 Hz; resample the audio first",
        ),
        (
            (1, 9),
            "int16",
            8000,
            0,
            "hop_length: 0 is not a positive number of samples; 512 is usual",
        ),
    ],
)
def test_what_is_not_a_batch_is_refused(
    shape: tuple[int, ...], kind: str, rate: int, hop: int, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        check_batch(shape, kind, rate, hop)
    assert str(caught.value) == message


@pytest.mark.parametrize("lengths", [[1], [1, 10], [-1, 1], [1.0, 2.0]])
def test_lengths_that_do_not_fit_are_refused(lengths: list[float]) -> None:
    with pytest.raises(InputError) as caught:
        check_lengths(np.array(lengths), (2, 9))
    assert str(caught.value) == (
        "lengths: not 2 whole numbers from 0 to 9; give one for each row of audio"
    )


def test_lengths_of_any_whole_kind_will_do() -> None:
    assert check_lengths(np.array([0, 9], np.uint16), (2, 9)).dtype == np.int64
    assert check_lengths(np.array([]), (0, 9)).dtype == np.int64


class OnGpu:
    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, 3


def test_the_device_of_an_array_is_known() -> None:
    assert cuda_device(OnGpu()) == 3


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        ([0.0], "audio: list does not support DLPack; give a CUDA tensor or array"),
        (
            np.zeros((1, 9), np.float32),
            "audio: it is not on a CUDA device; move it there, or use "
            "SingingPitchExtractor, which takes audio from anywhere",
        ),
    ],
)
def test_what_is_not_on_a_gpu_is_refused(audio: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        cuda_device(audio)
    assert str(caught.value) == message

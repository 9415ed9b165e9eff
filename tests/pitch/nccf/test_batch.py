"""A batch on a device takes the path that each of its clips takes alone."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest

from autovoice_core import Audio, InputError
from autovoice_core._device_arrays import KEPT, Placed
from autovoice_core.pitch.nccf.batch import check_batch, check_lengths, cuda_device, detect
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.pitch.nccf.reference_batch import ReferenceBatchKernels
from autovoice_core.testing.truth import SINGERS, sing


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_a_row_is_tracked_as_if_it_were_alone(whole: bool, cut: bool) -> None:
    rate, hop = 8000, 130
    rows = [sing(singer, 1.5, rate, seed=5).audio.numpy()[0] for singer in SINGERS.values()]
    samples = np.stack([row[: min(map(len, rows))] for row in rows])
    if whole:
        samples = np.round(samples * 32767).astype(np.int16)
    width = samples.shape[1]
    lengths = np.array([width, 3000, 0, width - 1]) if cut else None
    found = detect(
        xp, ReferenceBatchKernels(), samples, rate, hop, fmin=80.0, fmax=900.0, lengths=lengths
    )
    alone = Nccf(xp, ReferencePitchKernels(), fmin=80.0, fmax=900.0)
    for i, length in enumerate([width] * len(samples) if lengths is None else lengths):
        row = samples[i : i + 1, :length]
        audio = Audio(row.astype(np.float32) / 32768 if whole else row, rate)
        centres = np.arange(1 + length // hop, dtype=np.int64) * hop
        expected = alone.estimate(audio, centres)
        assert np.any(expected.voiced) or length < 3000
        for name in ("f0", "voiced", "confidence"):
            part = getattr(found, name)[i]
            np.testing.assert_array_equal(part[: len(centres)], getattr(expected, name))
            assert not np.any(part[len(centres) :])


class Sent:
    """A namespace that counts what is sent."""

    def __init__(self) -> None:
        self.sent = 0

    def asarray(self, values: np.ndarray, *, device: str) -> np.ndarray:
        assert device == "there"
        self.sent += 1
        return np.asarray(values)

    def zeros(self, shape: int, *, device: str) -> np.ndarray:
        assert device == "there"
        return np.zeros(shape)


def test_a_small_table_is_sent_once_and_waited_for() -> None:
    library, waits = Sent(), []
    placed = Placed(library, "there", wait=lambda: waits.append(1))
    table = np.arange(5)
    first = placed.asarray(table)
    table[0] = 9
    np.testing.assert_array_equal(first, np.arange(5))
    assert placed.asarray(np.arange(5)) is first
    placed.asarray(np.arange(5.0))
    assert library.sent == len(waits) == 2
    assert len(placed.zeros(3)) == 3


def test_what_is_large_or_no_table_is_sent_each_time() -> None:
    library = Sent()
    placed = Placed(library, "there")
    for _ in range(2):
        placed.asarray(np.zeros(1 << 14))
        placed.asarray([1, 2])
    assert library.sent == 4


def test_tables_in_use_are_kept_and_others_forgotten() -> None:
    library = Sent()
    placed = Placed(library, "there")
    for number in range(2 * KEPT):
        placed.asarray(np.array([-1]))
        placed.asarray(np.array([number]))
    assert library.sent == 2 * KEPT + 1
    placed.asarray(np.array([0]))
    assert library.sent == 2 * KEPT + 2


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
def test_what_is_no_batch_is_refused(
    shape: tuple[int, ...], kind: str, rate: int, hop: int, message: str
) -> None:
    with pytest.raises(InputError) as caught:
        check_batch(shape, kind, rate, hop)
    assert str(caught.value) == message


@pytest.mark.parametrize("lengths", [[1], [1, 10], [-1, 1], [1.0, 2.0]])
def test_lengths_that_are_none_are_refused(lengths: list[float]) -> None:
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
        ([0.0], "audio: list is no array with DLPack; give a CUDA tensor or array"),
        (
            np.zeros((1, 9), np.float32),
            "audio: it does not lie on a CUDA device; move it there, or use "
            "SingingPitchExtractor, which takes audio from anywhere",
        ),
    ],
)
def test_what_is_not_on_a_gpu_is_refused(audio: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        cuda_device(audio)
    assert str(caught.value) == message

"""The kernels of ``triton/retrieval`` in Triton's interpreter, compared with the reference."""

from __future__ import annotations

import os
from pathlib import Path

os.environ["TRITON_INTERPRET"] = "1"  # before a kernel is defined

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("triton", reason="triton is not installed")

import array_api_compat.numpy
import array_api_compat.torch as xp
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, InputError, SingingPitchExtractor, VoiceProfile
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.testing.truth import SOPRANO, TENOR, sing
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels
from autovoice_triton.kernels import retrieval
from autovoice_triton.kernels.retrieval import TritonConversionKernels

SLOW = ReferenceConversionKernels()
PLACE = DeviceNamespace(xp, "cpu")
FAST = TritonConversionKernels(PLACE)
few = settings(deadline=None, max_examples=10, derandomize=True)
seeds = st.integers(0, 2**32 - 1)


@few
@given(seeds, st.integers(0, 4), st.integers(1, 40), st.integers(1, 9), st.integers(1, 5))
def test_the_nearest_are_the_nearest(
    seed: int, queries: int, references: int, size: int, k: int
) -> None:
    rng = np.random.default_rng(seed)
    q = rng.integers(-4, 5, (queries, size)).astype(np.float32)  # exact, with ties
    r = rng.integers(-4, 5, (references, size)).astype(np.float32)
    found, distances = FAST.nearest(torch.from_numpy(q), torch.from_numpy(r), k)
    assert (found.dtype, distances.dtype) == (torch.int64, torch.float32)
    if queries:
        wanted, far = SLOW.nearest(q, r, k)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(distances, far)


def test_references_that_take_several_blocks_are_all_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    q, r = (rng.integers(-4, 5, (n, 2)).astype(np.float32) for n in (3, 1500))
    monkeypatch.setattr(retrieval, "MAX_DISTANCES", 3000)
    found, distances = FAST.nearest(torch.from_numpy(q), torch.from_numpy(r), 3)
    wanted, far = SLOW.nearest(q, r, 3)
    np.testing.assert_array_equal(found, wanted)
    np.testing.assert_array_equal(distances, far)


@few
@given(seeds, st.integers(0, 2), st.integers(1, 8), st.integers(1, 20), st.integers(1, 10**6))
def test_paths_are_the_cheapest(seed: int, paths: int, length: int, states: int, fine: int) -> None:
    rng = np.random.default_rng(seed)
    local = rng.integers(0, 3 * fine, (paths, length, states)) / fine
    steps = rng.integers(0, 3 * fine, (paths, length - 1, states, states)) / fine
    np.testing.assert_array_equal(
        FAST.cheapest_paths(local, torch.from_numpy(steps)), SLOW.cheapest_paths(local, steps)
    )


def test_more_states_than_registers_hold_are_refused() -> None:
    with pytest.raises(InputError) as caught:
        FAST.cheapest_paths(np.zeros((1, 1, 129)), np.zeros((1, 0, 129, 129)))
    assert str(caught.value) == (
        "candidates: 129 of a frame are more than the 128 that this kernel compares; keep fewer"
    )


@pytest.mark.parametrize("spacing", [80.0, 220.5, 1.25])
def test_oscillators_follow_their_definition(spacing: float) -> None:
    rng = np.random.default_rng(1)
    count = int(4 * spacing)
    phase = 1e6 + np.cumsum(rng.uniform(0.001, 0.01, count))
    real, imaginary = rng.standard_normal((2, 6, 45)).astype(np.float32)
    found = FAST.oscillators(*map(torch.from_numpy, (phase, real, imaginary)), spacing)
    assert found.dtype == torch.float32
    sum_of_amplitudes = np.hypot(real, imaginary).sum(axis=1).max()
    np.testing.assert_allclose(
        found, SLOW.oscillators(phase, real, imaginary, spacing), atol=3e-6 * sum_of_amplitudes
    )


@few
@given(seeds, st.integers(1, 2), st.integers(0, 8), st.integers(1, 20), st.integers(0, 300))
def test_frames_add_up_and_what_lies_outside_is_dropped(
    seed: int, channels: int, count: int, size: int, length: int
) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.standard_normal((channels, count, size)).astype(np.float32)
    starts = rng.integers(-30, 330, count)
    np.testing.assert_allclose(
        FAST.overlap_add(torch.from_numpy(frames), starts, length),
        SLOW.overlap_add(frames, starts, length),
        atol=1e-6,
    )


def test_a_voice_is_that_of_the_processor(tmp_path: Path) -> None:
    sing(SOPRANO, 12, 8000, seed=5).audio.save(tmp_path / "take.wav")
    voice = VoiceProfile.from_recordings([tmp_path / "take.wav"], name="Ada")
    sung = Audio(sing(TENOR, 3, 8000, seed=9).audio.numpy()[:, 8000:11_000], 8000)
    pitch = SingingPitchExtractor().extract(sung)
    assert pitch.voiced.any()
    found = []
    for converter in (
        Retrieval(PLACE, FAST, PLACE.device),
        Retrieval(array_api_compat.numpy, NumbaConversionKernels()),
    ):
        song = converter.begin(voice, pitch, sung.sample_rate, key=3.0)
        song.observe(sung, 0)
        found.append(song.render(sung, 0).numpy())
    off = found[0] - found[1]
    assert np.sum(off**2) < 1e-7 * np.sum(found[1] ** 2)

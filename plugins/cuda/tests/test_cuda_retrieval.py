"""The kernels of ``cuda/retrieval``, run on the processor, compared with the reference."""

from __future__ import annotations

from pathlib import Path

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from on_host import HostMachine

from autovoice_core import Audio, InputError, SingingPitchExtractor, VoiceProfile
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.testing.truth import SOPRANO, TENOR, sing
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels
from autovoice_cuda.kernels import retrieval
from autovoice_cuda.kernels.retrieval import CudaConversionKernels

SLOW = ReferenceConversionKernels()
few = settings(
    deadline=None,
    max_examples=12,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
seeds = st.integers(0, 2**32 - 1)


@pytest.fixture
def fast() -> CudaConversionKernels:
    return CudaConversionKernels(HostMachine())


@few
@given(seeds, st.integers(0, 6), st.integers(1, 600), st.integers(1, 9), st.integers(1, 5))
def test_the_nearest_are_the_nearest(
    fast: CudaConversionKernels, seed: int, queries: int, references: int, size: int, k: int
) -> None:
    rng = np.random.default_rng(seed)
    q = rng.integers(-4, 5, (queries, size)).astype(np.float32)  # exact, with ties
    r = rng.integers(-4, 5, (references, size)).astype(np.float32)
    found, distances = fast.nearest(q, r, k)
    assert (found.dtype, distances.dtype) == (np.int64, np.float32)
    if queries:
        wanted, far = SLOW.nearest(q, r, k)
        np.testing.assert_array_equal(found, wanted)
        np.testing.assert_array_equal(distances, far)


def test_queries_that_do_not_fit_at_once_come_one_after_another(
    fast: CudaConversionKernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    q, r = (rng.integers(-4, 5, (n, 4)).astype(np.float32) for n in (7, 20))
    whole = fast.nearest(q, r, 2)
    monkeypatch.setattr(retrieval, "MAX_DISTANCES", 60)
    for part, expected in zip(fast.nearest(q, r, 2), whole, strict=True):
        np.testing.assert_array_equal(part, expected)


@few
@given(seeds, st.integers(0, 3), st.integers(1, 12), st.integers(1, 70), st.integers(1, 10**6))
def test_paths_are_the_cheapest(
    fast: CudaConversionKernels, seed: int, paths: int, length: int, states: int, fine: int
) -> None:
    rng = np.random.default_rng(seed)
    local = rng.integers(0, 3 * fine, (paths, length, states)) / fine
    steps = rng.integers(0, 3 * fine, (paths, length - 1, states, states)) / fine
    np.testing.assert_array_equal(
        fast.cheapest_paths(local, steps), SLOW.cheapest_paths(local, steps)
    )


def test_more_states_than_threads_are_refused(fast: CudaConversionKernels) -> None:
    with pytest.raises(InputError) as caught:
        fast.cheapest_paths(np.zeros((1, 1, 1025)), np.zeros((1, 0, 1025, 1025)))
    assert str(caught.value) == (
        "candidates: 1025 of a frame are more than the 1024 that this kernel compares; keep fewer"
    )


@pytest.mark.parametrize("spacing", [80.0, 220.5, 1.25])
def test_oscillators_follow_their_definition(fast: CudaConversionKernels, spacing: float) -> None:
    rng = np.random.default_rng(1)
    count = int(6 * spacing)
    phase = 1e6 + np.cumsum(rng.uniform(0.001, 0.01, count))
    real, imaginary = rng.standard_normal((2, 8, 403)).astype(np.float32)
    real[:, 300:] = imaginary[:, 300:] = 0.0
    found = fast.oscillators(phase, real, imaginary, spacing)
    assert found.dtype == np.float32
    sum_of_amplitudes = np.hypot(real, imaginary).sum(axis=1).max()
    np.testing.assert_allclose(
        found, SLOW.oscillators(phase, real, imaginary, spacing), atol=3e-6 * sum_of_amplitudes
    )


@few
@given(seeds, st.integers(1, 3), st.integers(0, 8), st.integers(1, 20), st.integers(0, 50))
def test_frames_add_up_and_what_lies_outside_is_dropped(
    fast: CudaConversionKernels, seed: int, channels: int, count: int, size: int, length: int
) -> None:
    rng = np.random.default_rng(seed)
    frames = rng.standard_normal((channels, count, size)).astype(np.float32)
    starts = rng.integers(-30, 60, count)
    np.testing.assert_allclose(
        fast.overlap_add(frames, starts, length),
        SLOW.overlap_add(frames, starts, length),
        atol=1e-6,
    )


@pytest.mark.parametrize("key", [0.0, 3.0])
def test_a_voice_is_that_of_the_processor(tmp_path: Path, key: float) -> None:
    sing(SOPRANO, 12, 8000, seed=5).audio.save(tmp_path / "take.wav")
    voice = VoiceProfile.from_recordings([tmp_path / "take.wav"], name="Ada")
    sung = Audio(sing(TENOR, 3, 8000, seed=9).audio.numpy()[:, 8000:13_000], 8000)
    pitch = SingingPitchExtractor().extract(sung)
    assert pitch.voiced.any()
    found = []
    for converter in (
        Retrieval(xp, CudaConversionKernels(HostMachine())),
        Retrieval(xp, NumbaConversionKernels()),
    ):
        song = converter.begin(voice, pitch, sung.sample_rate, key=key)
        song.observe(sung, 0)
        found.append(song.render(sung, 0).numpy())
    off = found[0] - found[1]
    assert np.sum(off**2) < 1e-7 * np.sum(found[1] ** 2)

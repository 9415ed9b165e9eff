"""Separation and conversion on a GPU: as on the processor, and on the caller's device."""

from __future__ import annotations

import importlib
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VocalSeparator,
    VoiceProfile,
    convert_song,
)
from autovoice_core._arrays import as_numpy, device_name
from autovoice_core.audio.windows import Window
from autovoice_core.backends import Need
from autovoice_core.backends.choice.named_backends import using
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.synthetic import truth

OFFERS = ("wrpca", "nccf", "retrieval")
SLOW = ReferenceConversionKernels()
THERE = Need(devices=("cuda",))


@pytest.fixture
def converter(backend: str) -> Any:
    module = importlib.import_module(f"autovoice_{backend}.retrieval")
    return module.open_retrieval(device="cuda", dtype="float32")


def error_db(found: np.ndarray, expected: np.ndarray) -> float:
    error = np.sum((found - expected) ** 2) / np.sum(expected**2)
    return float(10 * np.log10(error + 1e-20))


def there(converter: Any, *arrays: np.ndarray) -> list[Any]:
    return [converter.xp.asarray(array) for array in arrays]


@pytest.mark.parametrize("k", [1, 3])
def test_the_nearest_are_the_nearest(converter: Any, k: int) -> None:
    rng = np.random.default_rng(0)
    q, r = (rng.integers(-4, 5, (n, 60)).astype(np.float32) for n in (300, 20_000))
    found, far = converter.kernels.nearest(*there(converter, q, r), k)
    expected = SLOW.nearest(q[:40], r, k)
    np.testing.assert_array_equal(as_numpy(found)[:40], expected[0])
    np.testing.assert_array_equal(as_numpy(far)[:40], expected[1])


def test_paths_are_the_cheapest(converter: Any) -> None:
    rng = np.random.default_rng(0)
    for fine in (1, 1000):
        local = rng.integers(0, 9 * fine, (8, 96, 75)) / fine
        steps = rng.integers(0, 9 * fine, (8, 95, 75, 75)) / fine
        found = converter.kernels.cheapest_paths(*there(converter, local, steps))
        np.testing.assert_array_equal(as_numpy(found), SLOW.cheapest_paths(local, steps))


def test_oscillators_follow_their_definition(converter: Any) -> None:
    rng = np.random.default_rng(1)
    phase = 1e6 + np.cumsum(rng.uniform(0.001, 0.01, 44_100))
    real, imaginary = rng.standard_normal((2, 102, 403)).astype(np.float32)
    found = converter.kernels.oscillators(*there(converter, phase, real, imaginary), 441.0)
    expected = SLOW.oscillators(phase, real, imaginary, 441.0)
    most = 1e-5 * np.hypot(real, imaginary).sum(axis=1).max()
    np.testing.assert_allclose(as_numpy(found), expected, atol=most)


def test_frames_add_up(converter: Any) -> None:
    rng = np.random.default_rng(0)
    frames = rng.standard_normal((2, 500, 1764)).astype(np.float32)
    starts = rng.integers(-2000, 222_000, 500)
    found = converter.kernels.overlap_add(*there(converter, frames), starts, 220_500)
    expected = SLOW.overlap_add(frames, starts, 220_500)
    np.testing.assert_allclose(as_numpy(found), expected, atol=1e-5)


# Not fixtures: those are made before it is known that there is no GPU.
@cache
def a_song() -> truth.Song:
    return truth.song(seconds=30, sample_rate=44_100, seed=3, singer=truth.TENOR)


@cache
def a_voice() -> VoiceProfile:
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take.wav"
        truth.sing(truth.SOPRANO, seconds=40, sample_rate=44_100, seed=5).audio.save(take)
        with using(pitch="cpu/nccf", conversion="cpu/retrieval"):
            return VoiceProfile.from_recordings([take], name="Ada")


def test_stems_are_those_of_the_processor(backend: str) -> None:
    song = a_song()
    expected = VocalSeparator(backend="cpu/wrpca").separate(song.mixture)
    found = VocalSeparator(need=THERE).separate(song.mixture)
    assert error_db(found.vocals.numpy(), expected.vocals.numpy()) < -50


@pytest.mark.parametrize("key", [0, 3])
def test_a_voice_is_that_of_the_processor(backend: str, key: int) -> None:
    vocals, ada = a_song().stems.vocals, a_voice()
    pitch = SingingPitchExtractor(backend="cpu/nccf").extract(vocals)
    expected, found = (
        engine.convert(vocals, ada, pitch=pitch, key=key).numpy()
        for engine in (
            SingingVoiceConverter(backend="cpu/retrieval"),
            SingingVoiceConverter(need=THERE),
        )
    )
    assert error_db(found, expected) < -30


def test_sound_on_the_gpu_stays_there(backend: str, converter: Any) -> None:
    (samples,) = there(converter, a_song().mixture.numpy())
    mixture = Audio(samples, 44_100)
    stems = VocalSeparator(need=THERE).separate(mixture)
    pitch = SingingPitchExtractor(need=THERE).extract(stems.vocals)
    sung = SingingVoiceConverter(need=THERE).convert(stems.vocals, a_voice(), pitch=pitch)
    for audio in (stems.vocals, stems.accompaniment, sung):
        assert device_name(audio.samples) == "cuda"
        assert np.isfinite(audio.numpy()).all()
    assert isinstance(Window(mixture, 0, slice(0), last=True).samples, type(samples))


def test_a_song_is_converted(backend: str, tmp_path: Path) -> None:
    song = a_song()
    song.mixture.save(tmp_path / "song.flac")
    found = convert_song(tmp_path / "song.flac", a_voice(), tmp_path / "out.flac", need=THERE)
    assert [each.backend for each in found.made_by] == [f"{backend}/{offer}" for offer in OFFERS]
    assert Audio.load(found.path).frames == song.mixture.frames

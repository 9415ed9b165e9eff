from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import autovoice_cpu.nccf
import autovoice_cpu.swiftf0
from autovoice_core import (
    Audio,
    InputError,
    PitchFrames,
    SingingPitchExtractor,
    UnknownBackend,
    using,
)
from autovoice_core import pitch as engine
from autovoice_core.testing.truth import ALTO, Sung, add_noise, sing
from autovoice_cpu.nccf import probe_nccf
from autovoice_cpu.swiftf0 import probe_swiftf0


@pytest.fixture(scope="module")
def sung() -> Sung:
    return sing(ALTO, 21, 22050, seed=9)


@pytest.mark.parametrize("window", [2.0, 5.3, 100.0])
def test_windows_give_what_the_whole_gives(
    tracker: str, sung: Sung, window: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = add_noise(sung.audio, 12)
    whole = SingingPitchExtractor(backend=tracker).extract(audio)
    monkeypatch.setattr(engine, "WINDOW", window)
    parts = SingingPitchExtractor(backend=tracker).extract(audio)
    np.testing.assert_array_equal(parts.voiced, whole.voiced)
    np.testing.assert_allclose(parts.f0, whole.f0, rtol=1e-6)
    np.testing.assert_allclose(parts.confidence, whole.confidence, atol=1e-5)


@pytest.mark.parametrize("frames", [0, 1, 2, 100, 441, 4410])
def test_a_sound_of_any_shortness_has_a_track(tracker: str, frames: int) -> None:
    samples = 0.1 * np.random.default_rng(0).standard_normal((1, frames)).astype(np.float32)
    track = SingingPitchExtractor(backend=tracker).extract(Audio(samples, 44100))
    assert len(track) == 1 + frames // 441
    if frames <= 441:
        assert not track.voiced.any()


def test_channels_are_averaged(sung: Sung) -> None:
    mono = sung.audio.numpy()
    wide = Audio(np.concatenate([1.5 * mono, 0.5 * mono]), sung.audio.sample_rate)
    extractor = SingingPitchExtractor(backend="cpu/nccf")
    np.testing.assert_array_equal(extractor.extract(wide).f0, extractor.extract(sung.audio).f0)


def test_a_file_has_the_track_of_its_sound(tmp_path: Path, sung: Sung) -> None:
    path = tmp_path / "voice.wav"
    sung.audio.save(path)
    extractor = SingingPitchExtractor(backend="cpu/nccf")
    np.testing.assert_array_equal(
        extractor.extract(path).f0, extractor.extract(Audio.load(path)).f0
    )


def test_progress_grows_to_one(sung: Sung, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "WINDOW", 4.0)
    told: list[float] = []
    SingingPitchExtractor(backend="cpu/nccf").extract(sung.audio, progress=told.append)
    assert len(told) > 3
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_track_says_what_made_it(sung: Sung, tracker: str) -> None:
    track = SingingPitchExtractor(backend=tracker, hop=Fraction(1, 50)).extract(sung.audio)
    (made,) = track.made_by
    assert (made.operation, made.backend, made.device) == ("pitch", tracker, "cpu")
    assert track.hop == 0.02


def test_a_backend_is_chosen_when_it_is_first_needed() -> None:
    extractor = SingingPitchExtractor()
    with using(pitch="cpu/nccf"):
        assert extractor.chosen.backend == "cpu/nccf"


def test_the_best_backend_is_the_default() -> None:
    assert SingingPitchExtractor().chosen.backend == "cpu/swiftf0"


def test_an_unknown_backend_is_refused_when_it_is_first_needed(sung: Sung) -> None:
    extractor = SingingPitchExtractor(backend="cpu/ear")
    with pytest.raises(UnknownBackend):
        extractor.extract(sung.audio)


@pytest.mark.parametrize(
    ("fmin", "fmax"), [(20, 500), (50, 3000), (500, 100), (200, 240), (float("nan"), 500)]
)
def test_a_range_that_makes_no_sense_is_refused(fmin: float, fmax: float) -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor(fmin, fmax)
    assert str(refusal.value) == (
        f"fmin, fmax: {fmin:g} to {fmax:g} Hz is not a range within 30 to 2000 Hz whose upper end "
        "is at least 1.25 times the lower; 50 to 1100 Hz suits singing"
    )


def test_samples_that_are_not_finite_are_refused() -> None:
    samples = np.zeros((1, 8000), np.float32)
    samples[0, 4000] = np.nan
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor(backend="cpu/nccf").extract(Audio(samples, 8000))
    assert str(refusal.value) == (
        "audio: the sample at 0.500 s is not finite (NaN or infinity); "
        "export the audio again from where it came from"
    )


def test_the_probes_run_a_real_operation() -> None:
    probe_nccf("cpu")
    probe_swiftf0("cpu")


class Sharp:
    """A tracker that is ten percent sharp."""

    def __init__(self, **options: Any) -> None:
        pass

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        return PitchFrames(np.array([242.0]), np.array([True]), np.ones(1, np.float32))


def test_a_probe_finds_kernels_that_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autovoice_cpu.nccf, "open_nccf", Sharp)
    with pytest.raises(RuntimeError) as failure:
        probe_nccf("cpu")
    assert str(failure.value) == "the compiled kernels miss a tone of 220 Hz; reinstall numba"


def test_a_probe_finds_a_network_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autovoice_cpu.swiftf0, "open_swiftf0", Sharp)
    with pytest.raises(RuntimeError) as failure:
        probe_swiftf0("cpu")
    assert str(failure.value) == "the network misses a tone of 220 Hz; reinstall swift-f0"


def test_a_process_may_fork_after_tracking() -> None:
    code = """
import os, numpy as np
from autovoice_core import Audio, SingingPitchExtractor
audio = Audio(np.sin(np.arange(80000) * 0.1).astype(np.float32)[None], 8000)
extractor = SingingPitchExtractor(backend="cpu/nccf")
extractor.extract(audio)
child = os.fork()
if not child:
    extractor.extract(audio)
    os._exit(0)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_batch_gives_what_each_row_gives_alone(tracker: str) -> None:
    voices = [sing(ALTO, seconds, 16000, seed=seed).audio for seed, seconds in ((1, 1.5), (2, 1))]
    lengths = [voice.frames for voice in voices] + [0]
    samples = np.full((3, max(lengths)), 0.3, np.float32)
    for row, voice in zip(samples, voices, strict=False):
        row[: voice.frames] = voice.numpy()[0]
    extractor = SingingPitchExtractor(backend=tracker)
    tracks = extractor.extract_batch(samples, 16000, lengths)
    for track, voice in zip(tracks, voices, strict=False):
        alone = extractor.extract(voice)
        np.testing.assert_array_equal(track.f0, alone.f0)
        np.testing.assert_array_equal(track.confidence, alone.confidence)
    assert len(tracks[2]) == 1
    assert [len(track) for track in extractor.extract_batch(samples[:2], 16000)] == [151, 151]


@pytest.mark.parametrize("together", [0.5, 4.0, 100.0])
def test_a_batch_is_handed_over_in_groups(
    tracker: str, together: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = np.stack([sing(ALTO, 4, 8000, seed=seed).audio.numpy()[0] for seed in (1, 2)])
    at_once = SingingPitchExtractor(backend=tracker).extract_batch(rows, 8000)
    monkeypatch.setattr(engine, "WINDOW", 1.5)
    monkeypatch.setattr(engine, "TOGETHER", together)
    in_groups = SingingPitchExtractor(backend=tracker).extract_batch(rows, 8000)
    for found, other in zip(in_groups, at_once, strict=True):
        np.testing.assert_array_equal(found.voiced, other.voiced)
        np.testing.assert_allclose(found.f0, other.f0, rtol=1e-6)


def test_a_batch_of_nothing_has_no_tracks() -> None:
    assert SingingPitchExtractor().extract_batch(np.zeros((0, 100), np.float32), 8000) == []


@pytest.mark.parametrize("lengths", [[100], [100, 101], [-1, 5]])
def test_lengths_that_do_not_fit_are_refused(lengths: list[int]) -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor().extract_batch(np.zeros((2, 100), np.float32), 8000, lengths)
    assert str(refusal.value) == (
        "lengths: not 2 numbers from 0 to 100; give one for each row of samples"
    )


def test_a_batch_that_is_no_matrix_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor().extract_batch(np.zeros(100, np.float32), 8000)
    assert str(refusal.value) == (
        "samples: the shape (100,) is not (batch, frames); one voice is samples[numpy.newaxis, :]"
    )

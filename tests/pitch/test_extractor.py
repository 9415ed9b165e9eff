from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, InputError, SingingPitchExtractor, UnknownBackend, using
from autovoice_core.pitch import extractor
from autovoice_core.synthetic.truth import ALTO, Sung, sing


@pytest.fixture(scope="module")
def sung() -> Sung:
    return sing(ALTO, 9, 22050, seed=9)


def test_channels_are_averaged(sung: Sung) -> None:
    mono = sung.audio.numpy()
    wide = Audio(np.concatenate([1.5 * mono, 0.5 * mono]), sung.audio.sample_rate)
    engine = SingingPitchExtractor(backend="reference/nccf")
    np.testing.assert_array_equal(engine.extract(wide).f0, engine.extract(sung.audio).f0)


def test_channels_in_antiphase_have_the_pitch_of_one(sung: Sung) -> None:
    mono = sung.audio.numpy()
    for wide in (np.concatenate([mono, -mono]), np.concatenate([0 * mono, -mono, mono])):
        engine = SingingPitchExtractor(backend="reference/nccf")
        found = engine.extract(Audio(wide, sung.audio.sample_rate))
        alone = engine.extract(sung.audio)
        assert (found.voiced == alone.voiced).mean() > 0.99
        both = found.voiced & alone.voiced
        np.testing.assert_allclose(found.f0[both], alone.f0[both], rtol=0.003)


def test_a_file_has_the_track_of_its_sound(tmp_path: Path, sung: Sung) -> None:
    path = tmp_path / "voice.wav"
    sung.audio.save(path)
    engine = SingingPitchExtractor(backend="reference/nccf")
    np.testing.assert_array_equal(engine.extract(path).f0, engine.extract(Audio.load(path)).f0)


def test_progress_grows_to_one(sung: Sung, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractor, "WINDOW_SECONDS", 2.0)
    fractions: list[float] = []
    SingingPitchExtractor(backend="reference/nccf").extract(sung.audio, progress=fractions.append)
    assert len(fractions) > 3
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_a_backend_is_chosen_when_it_is_first_needed() -> None:
    engine = SingingPitchExtractor()
    with using(pitch="reference/nccf"):
        assert engine.chosen.backend == "reference/nccf"


def test_an_unknown_backend_is_refused_when_it_is_first_needed(sung: Sung) -> None:
    engine = SingingPitchExtractor(backend="reference/ear")
    with pytest.raises(UnknownBackend):
        engine.extract(sung.audio)


@pytest.mark.parametrize(("fmin", "fmax"), [(20, 500), (50, 3000), (500, 100), (200, 240)])
def test_an_invalid_range_is_refused(fmin: float, fmax: float) -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor(fmin, fmax)
    assert str(refusal.value) == (
        f"fmin, fmax: {fmin:g} to {fmax:g} Hz is not a range within 30 to 2000 Hz whose upper end "
        "is at least 1.25 times the lower; 40 to 2000 Hz suits singing"
    )


def test_a_hop_longer_than_notes_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor(hop=5)
    assert str(refusal.value) == "hop: 5.0 s is more than 1 s; 0.01 is usual"


def test_samples_that_are_not_finite_are_refused() -> None:
    samples = np.zeros((1, 8000), np.float32)
    samples[0, 4000] = np.nan
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor(backend="reference/nccf").extract(Audio(samples, 8000))
    assert str(refusal.value) == (
        "audio: the sample at 0.500 s is not finite (NaN or infinity); export the audio again"
    )


def test_a_batch_of_nothing_has_no_tracks() -> None:
    assert SingingPitchExtractor().extract_batch(np.zeros((0, 100), np.float32), 8000) == []


@pytest.mark.parametrize("lengths", [[100], [100, 101], [-1, 5]])
def test_lengths_that_do_not_fit_are_refused(lengths: list[int]) -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor().extract_batch(np.zeros((2, 100), np.float32), 8000, lengths)
    assert str(refusal.value) == (
        "lengths: not 2 numbers from 0 to 100; give one for each row of samples"
    )


def test_a_batch_that_is_not_a_matrix_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor().extract_batch(np.zeros(100, np.float32), 8000)
    assert str(refusal.value) == (
        "samples: the shape (100,) is not (batch, frames); one voice is samples[numpy.newaxis, :]"
    )


def test_a_backend_without_a_use_for_the_mixture_tracks_the_vocals_alone(sung: Sung) -> None:
    engine = SingingPitchExtractor(backend="reference/nccf")
    found = engine.extract(sung.audio, mixture=sung.audio)
    np.testing.assert_array_equal(found.f0, engine.extract(sung.audio).f0)


def test_a_mixture_of_another_length_is_refused(sung: Sung) -> None:
    other = Audio(sung.audio.numpy()[:, 1:], sung.audio.sample_rate)
    with pytest.raises(InputError) as refusal:
        SingingPitchExtractor(backend="reference/nccf").extract(sung.audio, mixture=other)
    assert str(refusal.value) == (
        f"mixture: {other.frames} samples at 22050 Hz, but audio has {other.frames + 1} at "
        "22050 Hz; give the song that it is from"
    )

"""Tests of what is made of the network's posteriors: level, best path, notes, mixtures."""

from __future__ import annotations

import numpy as np
import pytest

import autovoice_cpu.swiftf0_network as network_module
from autovoice_core import Audio, AutoVoiceError, SingingPitchExtractor
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic.truth import ALTO, SOPRANO, TENOR, sing, song, tone
from autovoice_cpu.swiftf0 import open_swiftf0
from autovoice_cpu.swiftf0_decoding import (
    CONTINUES,
    Evidence,
    best_path,
    decode,
    evidence_alone,
    evidence_in_mixture,
)
from autovoice_cpu.swiftf0_level import LEVEL_DB, frame_energies, level
from autovoice_cpu.swiftf0_network import CLASS_F0, CLASSES, PosteriorNetwork, Posteriors

RATE = 16_000


def certain(classes: list[int]) -> np.ndarray:
    """Return log posteriors that are nearly certain of a class in each frame."""
    posterior = np.full((len(classes), CLASSES), 1e-4 / (CLASSES - 1))
    posterior[np.arange(len(classes)), classes] = 1 - 1e-4
    return np.log(posterior)


def test_a_path_does_not_jump_for_a_single_frame_of_doubt() -> None:
    scores = certain([40] * 5 + [57] + [40] * 5)
    scores[5, 40] = scores[5, 57] - 2
    np.testing.assert_array_equal(best_path(scores), 40)


def test_a_path_follows_a_new_note() -> None:
    classes = [40] * 6 + [57] * 6
    np.testing.assert_array_equal(best_path(certain(classes)), classes)


def test_f0_lies_between_classes() -> None:
    posterior = np.full((3, CLASSES), -40.0)
    posterior[:, 30:32] = np.log(0.5)
    f0, _ = decode(Evidence(posterior, np.full(3, 3.0)), 40.0, 2000.0)
    np.testing.assert_allclose(f0, np.sqrt(CLASS_F0[30] * CLASS_F0[31]))


def test_a_note_begins_where_it_is_certain_and_goes_on_where_it_is_not() -> None:
    voicing = np.array([-5, -1.5, 2, -1.5, -1.5, -5, -1.5, -1.5, -5.0])
    _, confidence = decode(Evidence(certain([40] * 9), voicing), 40.0, 2000.0)
    np.testing.assert_array_equal(confidence >= CONTINUES, [0, 1, 1, 1, 1, 0, 0, 0, 0])


def test_what_lies_outside_the_range_is_not_voiced() -> None:
    _, confidence = decode(Evidence(certain([60] * 4), np.full(4, 5.0)), 60.0, 200.0)
    assert confidence.max() < CONTINUES


def test_the_mixture_counts_where_the_vocals_say_little() -> None:
    flat = np.full((2, CLASSES), -np.log(CLASSES))
    vocals = Posteriors(flat, np.array([-2.0, -2.0]), np.array([1.0, 1e-6]))
    mixture = Posteriors(certain([50, 50]), np.array([2.0, 2.0]), np.ones(2))
    found = evidence_in_mixture(vocals, mixture)
    assert found.log_posterior[0].argmax() == 50
    assert np.ptp(found.log_posterior[1]) < 0.1  # here next to nothing is left of the mixture
    assert found.voicing[0] > 0 > found.voicing[1] + 2


def test_quiet_frames_need_more() -> None:
    energy = np.array([1.0, 1e-1, 1e-4])
    found = evidence_alone(Posteriors(certain([40] * 3), np.zeros(3), energy)).voicing
    assert found[0] == found[1] == 0
    assert found[2] < -3


@pytest.mark.parametrize("gain_db", [-20, 0])
def test_the_loudest_nearby_is_brought_to_one_level(gain_db: int) -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, 3 * RATE)
    noise[RATE:] *= 0.03
    samples = (10 ** (gain_db / 20) * noise).astype(np.float32)
    levelled = level(samples, frame_energies(samples))
    found = 20 * np.log10(levelled[:10_000].std())
    assert abs(found - LEVEL_DB) < 1.5
    unscaled = noise.astype(np.float32)
    np.testing.assert_allclose(
        levelled, level(unscaled, frame_energies(unscaled)), atol=1e-3 * levelled.max()
    )


@pytest.mark.parametrize("gain_db", [-60, -40, 12])
def test_level_plays_no_part(gain_db: int) -> None:
    sung = sing(ALTO, 4, RATE, seed=6).audio
    engine = SingingPitchExtractor(backend="cpu/swiftf0")
    plain = engine.extract(sung)
    other = engine.extract(Audio(np.float32(10 ** (gain_db / 20)) * sung.numpy(), RATE))
    assert np.mean(plain.voiced == other.voiced) > 0.99
    both = plain.voiced & other.voiced
    assert np.abs(1200 * np.log2(other.f0[both] / plain.f0[both])).max() < 5


@pytest.mark.parametrize("f0", [48.0, 60.0, 1200.0, 1600.0, 1980.0])
def test_the_whole_range_of_the_network_is_followed(f0: float) -> None:
    found = SingingPitchExtractor(backend="cpu/swiftf0").extract(tone(np.full(2 * RATE, f0), RATE))
    inner = slice(20, -20)
    assert found.voiced[inner].mean() > 0.95
    assert abs(1200 * np.log2(np.median(found.f0[inner][found.voiced[inner]]) / f0)) < 30


def test_a_separated_voice_is_found_better_with_its_mixture() -> None:
    made = song(8, RATE, seed=3)
    vocals, accompaniment = (
        stem.mono().numpy()[0] for stem in (made.stems.vocals, made.stems.accompaniment)
    )
    spectrum = np.fft.rfft(vocals + 0.3 * accompaniment)
    frequencies = np.fft.rfftfreq(len(vocals), 1 / RATE)
    holes = (frequencies % 900 < 250) | (frequencies < 300)  # what a separator takes away
    residue = np.fft.irfft(np.where(holes, 0.05 * spectrum, spectrum), len(vocals))
    separated = Audio(residue.astype(np.float32)[None], RATE)
    tracker = open_swiftf0(device="cpu", dtype="float32")
    centres = frame_centres(len(vocals), RATE, 0.01)
    right = []
    for frames in (
        tracker.estimate(separated, centres),
        tracker.estimate_in_mixture(separated, made.mixture.mono(), centres),
    ):
        ratio = np.maximum(np.asarray(frames.f0), 1.0) / np.maximum(made.pitch.f0, 1.0)
        right.append(np.mean(np.abs(1200 * np.log2(ratio))[made.pitch.voiced] < 50))
    assert right[1] >= right[0]


@pytest.mark.parametrize("seconds", [0.001, 0.02, 0.5])
def test_silence_is_unvoiced_in_a_mixture_too(seconds: float) -> None:
    silence = Audio(np.zeros((1, int(seconds * RATE)), np.float32), RATE)
    tracker = open_swiftf0(device="cpu", dtype="float32")
    centres = frame_centres(silence.frames, RATE, 0.01)
    band = tone(np.full(silence.frames, 110.0), RATE)
    assert not np.asarray(tracker.estimate_in_mixture(silence, band, centres).voiced).any()


def test_the_posteriors_agree_with_the_package() -> None:
    samples = sing(TENOR, 3, RATE, seed=2).audio.numpy()[0]
    network = PosteriorNetwork(1)
    theirs = network.detect(samples, RATE)
    ours = network.posteriors(samples)
    sure = theirs.confidence > 0.9
    best = CLASS_F0[ours.log_posterior.argmax(axis=1)][sure]
    assert np.mean(np.abs(1200 * np.log2(best / theirs.pitch_hz[sure])) < 70) > 0.99
    assert np.mean(ours.voicing[sure] > 0) > 0.97


def test_a_long_sound_is_the_same_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    samples = sing(SOPRANO, 3, RATE, seed=2).audio.numpy()[0]
    network = PosteriorNetwork(1)
    whole = network.posteriors(samples)
    monkeypatch.setattr(network_module, "WINDOW_FRAMES", 40)
    parts = network.posteriors(samples)
    np.testing.assert_allclose(parts.voicing, whole.voicing, atol=0.01)
    np.testing.assert_array_equal(parts.energy, whole.energy)


def test_another_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "CLASS_LOGITS", "v1")
    with pytest.raises(AutoVoiceError) as refusal:
        PosteriorNetwork(1)
    assert str(refusal.value) == (
        "swift-f0 0.3.0 holds another network than version 0.3.0; "
        "install it with `pip install swift-f0==0.3.0`"
    )


def test_a_tensor_of_another_shape_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PosteriorNetwork, "_logits", lambda *_: (np.zeros((4, 9)), np.zeros(4)))
    with pytest.raises(AutoVoiceError):
        PosteriorNetwork(1)

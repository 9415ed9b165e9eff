from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import Audio, InputError, Metrics, PitchTrack, compute_metrics
from autovoice_core.testing.truth import BASS, add_noise, sing

RATE = 8000


def made_up(f0: np.ndarray, hop: float = 0.01) -> PitchTrack:
    f0 = np.asarray(f0, np.float64)
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), hop)


def noise(seed: int = 0, channels: int = 1) -> Audio:
    samples = 0.1 * np.random.default_rng(seed).standard_normal((channels, 2 * RATE))
    return Audio(samples.astype(np.float32), RATE)


NO_PITCH = made_up(np.zeros(201))


def compare(reference: Audio, estimate: Audio) -> Metrics:
    return compute_metrics(reference, estimate, reference_pitch=NO_PITCH, estimate_pitch=NO_PITCH)


def pitch_of(reference: np.ndarray, estimate: np.ndarray) -> Metrics:
    silence = Audio(np.zeros((1, RATE), np.float32), RATE)
    return compute_metrics(
        silence, silence, reference_pitch=made_up(reference), estimate_pitch=made_up(estimate)
    )


MELODY = 220 * 2 ** (np.round(4 * np.sin(np.arange(1000) / 40)) / 12)


@given(ratio=st.floats(-20, 60))
def test_sdr_is_the_ratio_of_powers(ratio: float) -> None:
    reference = noise(1, channels=2)
    found = compare(reference, add_noise(reference, ratio, color="white"))
    assert found.sdr == pytest.approx(ratio, abs=0.05)


def test_si_sdr_is_blind_to_gain_and_sdr_is_not() -> None:
    reference = noise(2)
    half = Audio(add_noise(reference, 20).numpy() * np.float32(0.5), RATE)
    found = compare(reference, half)
    assert found.si_sdr == pytest.approx(20, abs=0.2)
    assert found.sdr == pytest.approx(6, abs=0.2)
    assert found.loudness_difference == pytest.approx(-6, abs=0.1)


def test_a_copy_is_without_distortion() -> None:
    found = compare(noise(3), noise(3))
    assert found.sdr == found.si_sdr == math.inf
    assert found.loudness_difference == 0
    assert found.as_dict()["sdr"] is None
    json.dumps(found.as_dict(), allow_nan=False)


def test_nothing_of_the_reference_in_the_estimate() -> None:
    one, other = np.zeros((2, 1, RATE), np.float32)
    one[0, :4000], other[0, 4000:] = 0.1, 0.1
    assert compare(Audio(one, RATE), Audio(other, RATE)).si_sdr == -math.inf


def test_silence_has_no_ratio_and_no_loudness() -> None:
    silence = Audio(np.zeros((1, 2 * RATE), np.float32), RATE)
    assert compare(silence, silence) == Metrics(voicing_agreement=100.0)
    found = compare(silence, noise(4))
    assert (found.sdr, found.si_sdr, found.loudness_difference) == (None, None, None)
    found = compare(noise(4), silence)
    assert (found.sdr, found.si_sdr) == (0, None)


@given(key=st.floats(-24, 24), seed=st.integers(0, 999))
def test_the_key_is_taken_out(key: float, seed: int) -> None:
    blur = np.random.default_rng(seed).normal(0, 5, len(MELODY))
    found = pitch_of(MELODY, MELODY * 2 ** (key / 12 + blur / 1200))
    assert found.key == pytest.approx(key, abs=0.01)
    assert found.f0_error == pytest.approx(5 * 0.6745, abs=0.6)
    assert found.gross_errors == found.octave_errors == 0


def test_octave_errors_do_not_move_the_key() -> None:
    heard = MELODY * 2 ** (3 / 12)
    heard[:300] *= 2
    heard[300:400] /= 2
    heard[400:450] *= 2 ** (1 / 12)
    found = pitch_of(MELODY, heard)
    assert found.key == pytest.approx(3)
    assert found.f0_error == pytest.approx(0, abs=1e-6)
    assert found.gross_errors == pytest.approx(45)
    assert found.octave_errors == pytest.approx(40)


def test_voicing_is_counted_both_ways() -> None:
    sung, heard = np.zeros(100), np.zeros(100)
    sung[:80], heard[20:90] = 200, 200
    found = pitch_of(sung, heard)
    assert found.voicing_recall == pytest.approx(100 * 60 / 80)
    assert found.voicing_precision == pytest.approx(100 * 60 / 70)


def test_tracks_that_never_meet_have_no_error() -> None:
    sung, heard = np.zeros(100), np.zeros(100)
    sung[:50], heard[50:] = 200, 200
    found = pitch_of(sung, heard)
    assert (found.key, found.f0_error, found.gross_errors, found.octave_errors) == (None,) * 4
    assert found.voicing_recall == found.voicing_precision == 0


def test_tracks_are_found_where_they_are_not_given() -> None:
    sung = sing(BASS, 4, 16000, seed=2)
    louder = Audio(sung.audio.numpy() * np.float32(1.5), 16000)
    found = compute_metrics(sung.audio, louder)
    assert found.key == pytest.approx(0, abs=0.02)
    assert found.gross_errors is not None
    assert found.gross_errors < 1
    for tracks in ({"reference_pitch": sung.track(0.02)}, {"estimate_pitch": sung.track(0.02)}):
        found = compute_metrics(sung.audio, louder, **tracks)
        assert found.f0_error is not None
        assert found.f0_error < 10
        assert found.voicing_recall is not None
        assert found.voicing_recall > 90


def test_another_rate_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compare(noise(), Audio(noise().numpy(), 16000))
    assert str(refusal.value) == (
        "estimate: its rate of 16000 Hz is not the reference's 8000 Hz; use estimate.resample(8000)"
    )


def test_another_length_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compare(noise(), Audio(noise().numpy()[:, :-1], RATE))
    assert str(refusal.value) == (
        "estimate: its (channels, frames) are (1, 15999), not the reference's (1, 16000); "
        "cut both to the same stretch and channels"
    )


def test_tracks_at_other_times_are_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compute_metrics(
            noise(), noise(), reference_pitch=NO_PITCH, estimate_pitch=made_up(np.zeros(401), 0.005)
        )
    assert str(refusal.value) == (
        "estimate_pitch: its 401 frames every 0.005 s from 0 s are not at the times of the "
        "reference's 201 every 0.01 s from 0 s; extract both with one hop"
    )

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from metrics_material import profile, tones

from autovoice_core import Audio, InputError, Metrics, PitchTrack, compute_metrics
from autovoice_core.metrics import Judges
from autovoice_core.synthetic import truth
from autovoice_core.synthetic.truth import BASS, add_noise, sing

RATE = 8000
NO_PITCH = PitchTrack(np.zeros(201), np.zeros(201, bool), np.zeros(201, np.float32), 0.01)


def noise(seed: int = 0, channels: int = 1) -> Audio:
    samples = 0.1 * np.random.default_rng(seed).standard_normal((channels, 2 * RATE))
    return Audio(samples.astype(np.float32), RATE)


def compare(reference: Audio, estimate: Audio) -> Metrics:
    return compute_metrics(reference, estimate, reference_pitch=NO_PITCH, estimate_pitch=NO_PITCH)


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


def test_a_conversion_may_differ_in_rate_channels_and_a_little_in_length() -> None:
    performance = truth.sing(truth.BASS, 4, 16_000, seed=2).audio
    stereo = performance.resample(22_050).numpy().repeat(2, axis=0)[:, :-1000]
    found = compute_metrics(
        performance, Audio(stereo, 22_050), voice=profile(None), judges=Judges()
    )
    assert found.sdr is None
    assert found.f0_error is not None
    assert found.f0_error < 1
    assert found.voicing_agreement is not None
    assert found.voicing_agreement > 97


def test_a_conversion_of_another_length_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        compute_metrics(tones(4), tones(3.5), voice=profile(None), judges=Judges())
    assert str(refusal.value) == (
        "estimate: it lasts 3.50 s, but reference lasts 4.00 s; cut both to the same stretch"
    )


def test_progress_rises_to_the_end() -> None:
    reported: list[float] = []
    compute_metrics(
        tones(2), tones(2), voice=profile(None), judges=Judges(), progress=reported.append
    )
    assert reported == sorted(reported)
    assert reported[-1] == 1

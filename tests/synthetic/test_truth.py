from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, InputError
from autovoice_core._frames import frame_centres
from autovoice_core.synthetic.truth import (
    ALTO,
    BASS,
    SINGERS,
    SOPRANO,
    TENOR,
    Sung,
    add_noise,
    add_reverb,
    band,
    compose,
    limit_band,
    sing,
    song,
    tone,
)


def level(samples: np.ndarray) -> float:
    return float(10 * np.log10(np.mean(np.asarray(samples, np.float64) ** 2)))


def centroid(sung: Sung) -> float:
    power = np.abs(np.fft.rfft(sung.audio.numpy()[0])) ** 2
    frequency = np.fft.rfftfreq(sung.audio.frames, 1 / sung.audio.sample_rate)
    return float(np.sum(power * frequency) / np.sum(power))


def drift(sung: Sung, f0: np.ndarray) -> float:
    """Standard deviation in Hz of the fundamental of ``sung`` from ``f0``, in steady vowels."""
    rate = sung.audio.sample_rate
    turn = np.exp(-2j * np.pi * np.cumsum(f0) / rate)
    near_zero = np.hanning(round(0.02 * rate))
    slow = np.convolve(sung.audio.numpy()[0] * turn, near_zero / near_zero.sum(), "same")
    steady = np.convolve(sung.f0 > 0, np.ones(round(0.08 * rate)), "same") > 0.0799 * rate
    speed = np.diff(np.unwrap(np.angle(slow))) * rate / (2 * np.pi)
    return float(np.median(np.abs(speed[steady[1:]])))


def test_the_fundamental_moves_as_the_truth_says() -> None:
    sung = sing(TENOR, score=compose(6, seed=8, consonants=False, breaths=False), seed=8)
    truth = np.where(sung.f0 > 0, sung.f0, 200.0)
    assert drift(sung, truth) < 0.3
    assert drift(sung, truth * 2 ** (20 / 1200)) > 1.5


def test_the_same_seed_sings_the_same_and_another_does_not() -> None:
    first, again, other = (sing(ALTO, 2, 16000, seed) for seed in (4, 4, 5))
    np.testing.assert_array_equal(first.audio.numpy(), again.audio.numpy())
    np.testing.assert_array_equal(first.f0, again.f0)
    assert not np.array_equal(first.audio.numpy(), other.audio.numpy())


@settings(max_examples=10, deadline=None)
@given(
    seconds=st.floats(0.0, 1.5),
    rate=st.sampled_from([8000, 11025, 22050, 44100, 96000]),
    seed=st.integers(0, 2**32),
    name=st.sampled_from(sorted(SINGERS)),
)
def test_any_length_rate_seed_and_singer(seconds: float, rate: int, seed: int, name: str) -> None:
    sung = sing(SINGERS[name], seconds, rate, seed)
    assert abs(sung.audio.frames - seconds * rate) <= 0.001 * rate
    assert np.isfinite(sung.audio.numpy()).all()
    assert np.abs(sung.audio.numpy()).max(initial=0) < 1
    sounding = sung.f0[sung.f0 > 0]
    assert np.all((sounding >= SINGERS[name].low) & (sounding <= SINGERS[name].high))
    assert len(sung.pitch) == len(frame_centres(sung.audio.frames, rate, 0.01))


@pytest.mark.parametrize("singer", SINGERS.values(), ids=list(SINGERS))
def test_a_long_song_uses_the_singers_range_and_rests(singer: object) -> None:
    sung = sing(singer, 40, 16000, seed=2)  # type: ignore[arg-type]
    low, high = np.percentile(sung.f0[sung.f0 > 0], [2, 98])
    assert high / low > 2 ** (12 / 12)
    assert 0.6 < sung.pitch.voiced.mean() < 0.95


def test_the_frames_of_the_track_lie_on_the_grid() -> None:
    sung = sing(TENOR, 3, 44100, seed=6, hop=0.005)
    centres = np.minimum(frame_centres(sung.audio.frames, 44100, 0.005), sung.audio.frames - 1)
    np.testing.assert_array_equal(sung.pitch.f0, sung.f0[centres])
    np.testing.assert_array_equal(sung.pitch.voiced, sung.pitch.f0 > 0)
    np.testing.assert_array_equal(sung.track(0.01).f0, sung.pitch.f0[::2])


def test_vibrato_stays_within_its_extent() -> None:
    still = compose(20, seed=3, vibrato=(0.0, 0.0))
    moving = compose(20, seed=3, vibrato=(25.0, 90.0))
    extent = 1200 * np.log2(moving.f0 / still.f0)
    assert 60 < extent.max() <= 90.001
    assert -90.001 <= extent.min() < -60


def test_two_singers_share_a_score_and_differ_in_timbre() -> None:
    score = compose(5, low=175, high=450, seed=1)
    dull, bright = sing(ALTO, 5, score=score), sing(TENOR, 5, score=score)
    np.testing.assert_array_equal(dull.f0, bright.f0)
    assert centroid(bright) > 1.1 * centroid(dull)
    shorter = sing(attrs.evolve(TENOR, tract_length=13.0), score=score)
    assert centroid(shorter) > 1.1 * centroid(bright)


def test_consonants_and_breaths_are_heard_where_nothing_is_voiced() -> None:
    with_them = sing(TENOR, score=compose(8, seed=5), seed=5)
    without = sing(TENOR, score=compose(8, seed=5, consonants=False, breaths=False), seed=5)
    noise = with_them.audio.numpy()[0][with_them.f0 == 0]
    silence = without.audio.numpy()[0][without.f0 == 0]
    assert level(noise) > level(silence) + 10


@pytest.mark.parametrize("color", ["white", "pink"])
def test_noise_has_the_ratio_asked_for(color: str) -> None:
    clean = sing(BASS, 3, 16000).audio
    noisy = add_noise(clean, 10, color=color, seed=2)  # type: ignore[arg-type]
    noise = noisy.numpy().astype(np.float64) - clean.numpy()
    assert level(clean.numpy()) - level(noise) == pytest.approx(10, abs=0.01)
    power = np.abs(np.fft.rfft(noise[0])) ** 2
    octaves = [power[k : 2 * k].mean() for k in (1500, 3000, 6000)]
    slope = np.diff(10 * np.log10(octaves))
    np.testing.assert_allclose(slope, -3.01 if color == "pink" else 0, atol=0.5)


def test_silence_takes_no_noise() -> None:
    silence = Audio(np.zeros((1, 100), np.float32), 8000)
    assert add_noise(silence, 10) is silence


def test_noise_of_another_color_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        add_noise(sing(BASS, 0.1).audio, 10, color="blue")  # type: ignore[arg-type]
    assert str(refusal.value) == "color: 'blue' is neither 'white' nor 'pink'"


def test_a_room_rings_on_and_keeps_the_length() -> None:
    samples = np.zeros((1, 16000), np.float32)
    samples[0, 100] = 1.0
    wet = add_reverb(Audio(samples, 16000), 0.5, ratio=10).numpy()[0]
    assert wet.shape == (16000,)
    assert wet[100] == pytest.approx(1.0, abs=1e-4)
    assert np.sum(wet[101:] ** 2) == pytest.approx(0.1, rel=0.01)
    assert level(wet[200:1200]) > level(wet[6000:7000]) + 30


def test_a_narrow_band_keeps_what_lies_in_it() -> None:
    time = np.arange(16000) / 16000
    parts = [np.sin(2 * np.pi * hertz * time) for hertz in (60, 1000, 7000)]
    narrow = limit_band(Audio(np.sum(parts, axis=0, dtype=np.float32)[None], 16000), 300, 3400)
    np.testing.assert_allclose(narrow.numpy()[0], parts[1], atol=1e-3)


def test_the_band_is_stereo_and_repeats_every_four_bars() -> None:
    music = band(20, 8000, seed=1, beat=0.5)
    samples = music.numpy()
    assert samples.shape == (2, 160000)
    loop = 16 * 4000
    np.testing.assert_array_equal(samples[:, :loop], samples[:, loop : 2 * loop])
    assert level(samples[0] - samples[1]) > level(samples) - 20
    assert level(samples) == pytest.approx(-20, abs=1)


def test_the_stems_of_a_song_add_up_and_do_not_clip() -> None:
    made = song(6, 22050, seed=3, balance=4.0)
    vocals, backing = made.stems.vocals.numpy(), made.stems.accompaniment.numpy()
    np.testing.assert_array_equal(made.mixture.numpy(), vocals + backing)
    assert np.abs(made.mixture.numpy()).max() < 1
    at = np.minimum(frame_centres(made.mixture.frames, 22050, 0.01), made.mixture.frames - 1)
    sounding = np.interp(np.arange(made.mixture.frames), at, made.pitch.voiced) > 0.999
    assert level(vocals[:, sounding]) - level(backing) == pytest.approx(4.0, abs=0.3)


def test_a_song_of_a_fractional_length_has_stems_of_one_length() -> None:
    made = song(seconds=3.3338, sample_rate=8000)
    assert made.stems.vocals.frames == made.stems.accompaniment.frames == made.mixture.frames


def test_a_song_too_short_for_a_note_is_the_band_alone() -> None:
    made = song(0.2, 16000)
    assert not made.pitch.voiced.any()
    assert level(made.stems.vocals.numpy() + 1e-9) < -60


def test_a_tone_has_its_f0_and_no_alias() -> None:
    made = tone(np.full(8000, 1000.0), 8000)
    power = np.abs(np.fft.rfft(made.numpy()[0])) ** 2
    assert set(np.flatnonzero(power > 1e-6 * power.max())) == {1000, 2000, 3000}


def test_a_soprano_is_higher_than_a_bass() -> None:
    high, low = sing(SOPRANO, 10, 16000), sing(BASS, 10, 16000)
    assert np.median(high.f0[high.f0 > 0]) > 2 * np.median(low.f0[low.f0 > 0])

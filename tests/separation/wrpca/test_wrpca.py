from __future__ import annotations

from pathlib import Path

import array_api_compat.numpy as xp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio, Stems, compute_metrics
from autovoice_core.separation.wrpca.wrpca import (
    MAX_HOP_SECONDS,
    STRIDE_HOPS,
    WeightedRobustPCA,
    hop_length,
)
from autovoice_core.synthetic import truth

wrpca = WeightedRobustPCA(xp)
RATES = [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def noise(frames: int, rate: int = 8000, channels: int = 1, seed: int = 0) -> Audio:
    rng = np.random.default_rng(seed)
    return Audio((0.1 * rng.standard_normal((channels, frames))).astype(np.float32), rate)


def sdr(reference: Audio, estimate: Audio) -> float:
    true = reference.numpy().astype(np.float64)
    return float(10 * np.log10(np.sum(true**2) / np.sum((true - estimate.numpy()) ** 2)))


def add_up(mixture: Audio, stems: Stems) -> bool:
    total = stems.vocals.numpy() + stems.accompaniment.numpy()
    scale = max(1.0, float(np.abs(mixture.numpy()).max(initial=0)))
    return float(np.abs(mixture.numpy() - total).max(initial=0)) <= 1e-6 * scale


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(RATES),
    channels=st.integers(1, 8),
    frames=st.one_of(st.integers(0, 40), st.integers(0, 6000)),
    gain=st.sampled_from([1e-6, 1e-3, 1.0, 30.0]),
    seed=st.integers(0, 1000),
)
def test_stems_have_the_shape_of_the_mixture_and_add_up_to_it(
    rate: int, channels: int, frames: int, gain: float, seed: int
) -> None:
    mixture = Audio(np.float32(gain) * noise(frames, rate, channels, seed).numpy(), rate)
    stems = wrpca.separate(mixture)
    for stem in (stems.vocals, stems.accompaniment):
        assert stem.numpy().shape == mixture.numpy().shape
        assert stem.sample_rate == rate
        assert np.isfinite(stem.numpy()).all()
    assert add_up(mixture, stems)


def test_silence_stays_exact_silence() -> None:
    stems = wrpca.separate(Audio(np.zeros((2, 30_000), np.float32), 8000))
    assert not stems.vocals.numpy().any()
    assert not stems.accompaniment.numpy().any()


def test_a_mixture_with_one_channel_inverted_is_separated_as_the_song_is() -> None:
    mixture = truth.song(seconds=4, sample_rate=8000, seed=1).mixture
    turn = np.array([[1], [-1]], np.float32)
    inverted = Audio(turn * mixture.numpy(), 8000)
    plain, found = (wrpca.separate(each).vocals.numpy() for each in (mixture, inverted))
    np.testing.assert_allclose(turn * found, plain, atol=1e-5)


def test_a_silent_stretch_between_sounds_stays_exact_silence() -> None:
    samples = noise(40_000).numpy().copy()
    samples[:, 15_000:25_000] = 0
    stems = wrpca.separate(Audio(samples, 8000))
    inside = slice(15_000 + 2 * 4 * 180, 25_000 - 2 * 4 * 180)
    assert not stems.vocals.numpy()[:, inside].any()


@pytest.mark.parametrize("rate", RATES)
def test_what_recurs_is_the_accompaniment_and_what_does_not_is_the_voice(rate: int) -> None:
    time = np.arange(8 * rate) / rate
    pulse = 1 + 0.5 * np.cos(2 * np.pi * 2 * time)
    band = pulse * sum(np.sin(2 * np.pi * f * time) for f in (131, 196, 262, 330, 392, 523, 659))
    f0 = 440 * 2 ** (0.5 * np.sin(2 * np.pi * 0.23 * time))
    voice = 2 * sum(np.sin(2 * np.pi * k * np.cumsum(f0) / rate) / k for k in (1, 2, 3))
    mixture, vocals = (Audio(x.astype(np.float32)[None], rate) for x in (band + voice, voice))
    stems = wrpca.separate(mixture)
    assert sdr(vocals, stems.vocals) > 5
    assert sdr(vocals, mixture) < 1


def test_gain_in_is_gain_out() -> None:
    mixture = truth.song(seconds=4, sample_rate=8000, seed=1).mixture
    quiet = Audio(mixture.numpy() * np.float32(1 / 1024), 8000)
    loud_vocals = wrpca.separate(mixture).vocals.numpy()
    quiet_vocals = wrpca.separate(quiet).vocals.numpy()
    np.testing.assert_allclose(1024 * quiet_vocals, loud_vocals, atol=1e-6)


def test_a_shift_by_the_grid_shifts_the_stems() -> None:
    rate = 8000
    samples = truth.song(seconds=20, sample_rate=rate, seed=1).mixture.numpy()
    shift = wrpca.grid(rate)
    later = np.concatenate([np.zeros((2, 2 * shift), np.float32), samples], axis=1)
    first = wrpca.separate(Audio(samples, rate)).vocals.numpy()
    second = wrpca.separate(Audio(later, rate)).vocals.numpy()[:, 2 * shift :]
    # The first seconds share a block with the silence before them.
    inside = slice(13 * rate, None)
    difference = np.sum((first - second)[:, inside] ** 2)
    assert 10 * np.log10(difference / np.sum(first[:, inside] ** 2)) < -100


def test_windows_on_the_grid_give_what_the_whole_gives() -> None:
    rate = 8000
    mixture = truth.song(seconds=70, sample_rate=rate, seed=3).mixture
    grid, context = wrpca.grid(rate), int(np.ceil(wrpca.context * rate))
    whole = wrpca.separate(mixture).vocals.numpy()
    window = mixture.numpy()[:, grid : 3 * grid + context]
    part = wrpca.separate(Audio(window, rate)).vocals.numpy()
    kept = slice(2 * grid, 3 * grid)
    difference = np.sum((part[:, grid : 2 * grid] - whole[:, kept]) ** 2, dtype=np.float64)
    assert 10 * np.log10(difference / np.sum(whole[:, kept] ** 2) + 1e-20) < -100


def test_channels_swapped_are_stems_swapped() -> None:
    mixture = noise(20_000, channels=2)
    swapped = Audio(mixture.numpy()[::-1], 8000)
    vocals = wrpca.separate(mixture).vocals.numpy()
    np.testing.assert_array_equal(wrpca.separate(swapped).vocals.numpy()[::-1], vocals)


def test_the_input_is_not_written_to_and_the_same_input_gives_the_same_output() -> None:
    mixture = noise(20_000, channels=2)
    before = mixture.numpy().copy()
    first, second = wrpca.separate(mixture), wrpca.separate(mixture)
    np.testing.assert_array_equal(mixture.numpy(), before)
    np.testing.assert_array_equal(first.vocals.numpy(), second.vocals.numpy())


def test_read_only_samples_will_do() -> None:
    samples = noise(5000).numpy()
    samples.flags.writeable = False
    assert wrpca.separate(Audio(samples, 8000)).vocals.frames == 5000


def test_what_lies_under_a_voice_is_left_to_the_accompaniment() -> None:
    hum = np.sin(2 * np.pi * 50 * np.arange(40_000) / 8000).astype(np.float32)[None]
    vocals = wrpca.separate(Audio(hum, 8000)).vocals.numpy()
    assert np.abs(vocals[:, 1000:-1000]).max() < 0.01  # its abrupt ends are not a hum


@given(rate=st.integers(8_000, 192_000))
def test_the_hop_is_fast_to_transform_and_of_much_the_same_duration(rate: int) -> None:
    hop = hop_length(rate)
    longest = MAX_HOP_SECONDS * rate
    assert 0.88 * longest < hop <= longest + 1e-6
    rest = hop
    for prime in (2, 3, 5):
        while rest % prime == 0:
            rest //= prime
    assert rest == 1
    assert wrpca.grid(rate) == STRIDE_HOPS * hop


@pytest.mark.parametrize(("singer", "least"), [(truth.TENOR, 7.5), (truth.SOPRANO, 7.0)])
def test_a_synthesised_singer_comes_out_of_the_band(singer: truth.Singer, least: float) -> None:
    song = truth.song(seconds=16, sample_rate=22_050, seed=4, singer=singer)
    stems = wrpca.separate(song.mixture)
    pitches = {"reference_pitch": song.pitch, "estimate_pitch": song.pitch}
    before = compute_metrics(song.stems.vocals, song.mixture, **pitches)
    after = compute_metrics(song.stems.vocals, stems.vocals, **pitches)
    assert before.sdr is not None
    assert after.sdr is not None
    assert after.sdr > max(least, before.sdr + 5)


SONGS = {"rubidium": 9.5, "potassium": 15.3, "caesium": 4.3, "lithium": 6.4}


@pytest.mark.parametrize("name", SONGS)
def test_real_songs_gain_over_the_mixture(shared_data: Path, name: str) -> None:
    folder = shared_data / "songs" / name
    mixture, vocals = (Audio.load(folder / f"{kind}.flac") for kind in ("mixture", "vocals"))
    stems = wrpca.separate(mixture)
    assert add_up(mixture, stems)
    assert sdr(vocals, stems.vocals) > SONGS[name]
    assert sdr(vocals, mixture) == pytest.approx(-1.0, abs=0.1)


CLIPS = ["freedoom_D_ADRIAN", "freedoom_D_E1M2", "sectoid_Feelings", "sonicpi_loop_amen_full"]


@pytest.mark.parametrize("name", CLIPS)
def test_no_voice_is_found_where_nobody_sings(shared_data: Path, name: str) -> None:
    clip = Audio.load(shared_data / "accompaniment" / f"{name}.flac")
    power = [np.mean(a.numpy() ** 2) for a in (wrpca.separate(clip).vocals, clip)]
    assert 10 * np.log10(power[0] / power[1]) < -15

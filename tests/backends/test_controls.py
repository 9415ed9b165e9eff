from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import InputError, PitchTrack, SingingVoiceConverter, Style, VoiceProfile
from autovoice_core.audio.breaths import breaths
from autovoice_core.audio.source import as_source
from autovoice_core.backends.controls import CONTROLS, honoured
from autovoice_core.conversion.retrieval.analysis import Frames
from autovoice_core.conversion.retrieval.aperiodicity import BANDS
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, POINTS
from autovoice_core.conversion.retrieval.synthesis import on_axis, white_noise
from autovoice_core.conversion.retrieval.timbre import Timbre
from autovoice_core.pitch.vibrato import with_vibrato
from autovoice_core.songs.convert import convert_song
from autovoice_core.testing import truth
from autovoice_core.testing.contracts.measuring import off_pitch, sdr

RATE = 16_000


@pytest.fixture(scope="module")
def sung() -> truth.Sung:
    score = truth.compose(6.5, low=180.0, high=500.0, seed=2, vibrato=(50.0, 60.0))
    return truth.sing(truth.ALTO, sample_rate=RATE, seed=2, score=score)


@pytest.fixture(scope="module")
def converted(voice: VoiceProfile, sung: truth.Sung) -> Callable[..., Any]:
    converter = SingingVoiceConverter()

    def convert(voice: VoiceProfile = voice, **style: Any) -> Any:
        audio = converter.convert(sung.audio, voice, pitch=sung.pitch, **style)
        return audio.numpy()

    return convert


def test_at_no_strength_the_singer_is_heard(
    converted: Callable[..., Any], sung: truth.Sung
) -> None:
    source = sung.audio.numpy()
    assert sdr(source, converted(key=0, strength=0.0)) > 35
    assert sdr(source, converted(key=0)) < 15


def test_a_profile_says_how_it_is_sung_in_until_somebody_says_otherwise(
    converted: Callable[..., Any], voice: VoiceProfile
) -> None:
    styled = evolve(voice, style=Style(key=2.0, formant=-2.0))
    plain = converted(key=2, formant=-2.0)
    assert np.array_equal(converted(voice=styled), plain)
    assert np.array_equal(converted(voice=styled, formant=0.0), converted(key=2))
    assert not np.array_equal(plain, converted(key=2))


def test_vibrato_is_sung_as_wide_as_asked(converted: Callable[..., Any], sung: truth.Sung) -> None:
    for scale in (0.0, 2.0):
        result = converted(key=0, vibrato=scale)
        track = with_vibrato(sung.track(1 / 200), scale)
        times = np.arange(len(sung.f0)) / RATE
        wanted = np.where(sung.f0 > 0, np.interp(times, track.times, track.f0), 0.0)
        steady = np.convolve(sung.f0 > 0, np.ones(1600), "same") > 1599
        assert off_pitch(result[0], np.where(steady, wanted, 0.0), RATE) < 5
        assert off_pitch(result[0], np.where(steady, sung.f0, 0.0), RATE, part=0.9) > 25


def test_a_voice_without_vibrato_is_filtered_whatever_is_asked(
    voice: VoiceProfile,
) -> None:
    score = truth.compose(2.0, low=180.0, high=500.0, vibrato=(0.0, 0.0))
    sung = truth.sing(truth.ALTO, sample_rate=RATE, score=score)
    converter = SingingVoiceConverter()
    plain, straight = (
        converter.convert(sung.audio, voice, pitch=sung.pitch, key=0, vibrato=scale).numpy()
        for scale in (1.0, 0.0)
    )
    assert np.array_equal(plain, straight)


@pytest.mark.parametrize(("breath", "gain_db"), [("soften", -12.0), ("remove", -100.0)])
@pytest.mark.parametrize("key", [0, 5])
def test_breaths_are_softened_or_removed(
    converted: Callable[..., Any], sung: truth.Sung, breath: str, gain_db: float, key: int
) -> None:
    plain, eased = (converted(key=key, breath=asked)[0] for asked in ("keep", breath))
    found = breaths(as_source(sung.audio), sung.pitch)
    inner = np.repeat(np.convolve(found, np.ones(9), "same") > 8, RATE // 100)[: len(plain)]
    powers = [np.mean(samples[inner].astype(float) ** 2) + 1e-30 for samples in (plain, eased)]
    change = 10 * np.log10(powers[1] / powers[0])
    assert change < gain_db + 0.5
    assert breath == "remove" or change > gain_db - 0.5
    voiced = sung.f0 > 0
    assert sdr(plain[voiced], eased[voiced]) > 40


def test_a_song_says_how_it_was_sung(voice: VoiceProfile, vocal_file: Path, tmp_path: Path) -> None:
    styled = evolve(voice, style=Style(key=12.0, breath="remove", strength=0.5))
    out = tmp_path / "out.flac"
    song = convert_song(vocal_file, styled, out, vocals_only=True, strength=0.75, seed=4)
    assert song.style == Style(key=12.0, breath="remove", strength=0.75, seed=4)
    assert song.key == 12.0


def test_a_style_nobody_can_sing_is_refused_before_any_work(
    voice: VoiceProfile, song_file: Path, tmp_path: Path
) -> None:
    out, told = tmp_path / "out.flac", []
    with pytest.raises(InputError) as caught:
        convert_song(
            song_file, voice, out, formant=40.0, progress=lambda *stage: told.append(stage)
        )
    assert str(caught.value) == (
        "formant: 40.0 is not a number of semitones from -12 to 12; 0 moves no resonance"
    )
    assert not told
    assert not out.exists()


def test_an_option_nobody_knows_is_a_type_error(converted: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="loudness"):
        converted(loudness=3)


REFUSALS = {
    "formant": (1.0, "formant: mine/x can't move resonances; leave it at 0"),
    "strength": (0.5, "strength: mine/x can't stop halfway to the target; leave it at 1"),
    "melody": (
        PitchTrack(np.ones(1), np.ones(1, bool), np.ones(1, np.float32), 0.01),
        "vibrato: mine/x sings no pitch but the singer's own; leave it at 1, which keeps it",
    ),
    "seed": (3, "seed: mine/x has no noise that could be chosen; leave it at 0"),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_that_a_backend_lacks_is_refused_where_it_is_used(name: str) -> None:
    value, refusal = REFUSALS[name]
    with pytest.raises(InputError) as caught:
        honoured({name: value}, frozenset(), "mine/x")
    assert str(caught.value) == refusal
    assert honoured({name: CONTROLS[name].neutral}, frozenset(), "mine/x") == {}
    assert honoured({name: value}, frozenset({name}), "mine/x") == {name: value}


def frames(seed: int, points: int) -> Frames:
    rng = np.random.default_rng(seed)
    envelope = rng.normal(size=(3, POINTS)).astype(np.float32)
    return Frames(envelope, rng.uniform(size=(3, points)).astype(np.float32))


def test_timbre_ends_at_the_source_and_at_the_target() -> None:
    source, target = frames(1, BANDS), frames(2, POINTS)
    assert Timbre().of(source, target) is target
    none = Timbre(strength=0.0).of(source, target)
    assert np.array_equal(none.envelope, source.envelope)
    assert np.array_equal(none.aperiodicity, on_axis(source.aperiodicity))


@given(strength=st.floats(0, 1))
def test_timbre_goes_straight_from_one_to_the_other(strength: float) -> None:
    source, target = frames(1, BANDS), frames(2, POINTS)
    found = Timbre(strength=strength).of(source, target).envelope
    wanted = source.envelope + strength * (target.envelope - source.envelope)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@given(formant=st.floats(-12, 12), centre=st.floats(600, 2500))
def test_a_resonance_moves_by_the_semitones_asked_for(formant: float, centre: float) -> None:
    peak = -20.0 * np.log2((FREQUENCIES + 1.0) / centre)[None, :].astype(np.float32) ** 2
    moved = Timbre(formant=formant).of(frames(1, BANDS), Frames(peak, None)).envelope
    fine = np.geomspace(200, 8000, 4000)
    found = fine[np.argmax(np.interp(fine, FREQUENCIES, moved[0]))]
    assert abs(12 * np.log2(found / centre) - formant) < 1.0


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), start=st.integers(0, 10**9))
def test_noise_depends_on_place_and_seed_alone(seed: int, start: int) -> None:
    like = xp.zeros(0, dtype=xp.float32)
    whole = white_noise(like, start, 4096, seed)
    assert np.array_equal(whole[100:300], white_noise(like, start + 100, 200, seed))
    assert abs(float(whole.mean())) < 0.1
    assert abs(float(whole.std()) - 1) < 0.1
    other = white_noise(like, start, 4096, seed ^ 1)
    assert abs(np.corrcoef(whole, other)[0, 1]) < 0.1
    assert abs(np.corrcoef(whole[1:], whole[:-1])[0, 1]) < 0.1

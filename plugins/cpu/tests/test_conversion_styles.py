from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from attrs import evolve

from autovoice_core import SingingVoiceConverter, Style, VoiceProfile
from autovoice_core.audio.breaths import find_breaths
from autovoice_core.audio.reading import as_source
from autovoice_core.pitch.vibrato import with_vibrato
from autovoice_core.songs.convert import convert_song
from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common.measures import f0_error, sdr

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
        assert f0_error(result[0], np.where(steady, wanted, 0.0), RATE) < 5
        assert f0_error(result[0], np.where(steady, sung.f0, 0.0), RATE, quantile=0.9) > 25


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
    found = find_breaths(as_source(sung.audio), sung.pitch)
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

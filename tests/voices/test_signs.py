from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, PitchTrack
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.synthetic import truth
from autovoice_core.voices.signs import (
    MAX_BASS_DB,
    MIN_PERIODICITY,
    bass_level,
    movement,
    periodicity,
    speaker_groups,
)

RATE = 16_000


def source_of(samples: np.ndarray) -> AudioInMemory:
    return AudioInMemory(Audio(np.asarray(samples, np.float32)[None], RATE))


def track_of(f0: np.ndarray) -> PitchTrack:
    voiced = f0 > 0
    return PitchTrack(f0, voiced, voiced.astype(np.float32), 0.01)


def harmonics(f0: float, seconds: float) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return sum(np.sin(2 * np.pi * k * f0 * time) / k for k in range(1, 8))


@pytest.mark.parametrize("f0", [80.0, 220.0, 880.0])
def test_one_voice_is_periodic(f0: float) -> None:
    track = track_of(np.full(1201, f0))
    assert periodicity(source_of(harmonics(f0, 12.0)), track) > 0.95


def test_two_notes_and_noise_are_not() -> None:
    track = track_of(np.full(301, 220.0))
    both = harmonics(220.0, 3.0) + harmonics(311.0, 3.0)
    noise = np.random.default_rng(0).normal(size=3 * RATE)
    assert periodicity(source_of(both), track) < MIN_PERIODICITY
    assert periodicity(source_of(noise), track) < MIN_PERIODICITY


def test_sound_above_1500_hz_does_not_count() -> None:
    hiss = np.random.default_rng(0).normal(size=3 * RATE)
    spectrum = np.fft.rfft(hiss)
    spectrum[: 3 * 2000] = 0
    voice = harmonics(220.0, 3.0) + np.fft.irfft(spectrum)
    assert periodicity(source_of(voice), track_of(np.full(301, 220.0))) > 0.95


def test_nothing_voiced_is_nothing_against_one_voice() -> None:
    assert periodicity(source_of(np.zeros(RATE)), track_of(np.zeros(101))) == 1


def test_windows_leave_no_frame_out_and_judge_none_twice() -> None:
    # Noise in the second window only: 10 of 25 s.
    sound = harmonics(220.0, 25.0)
    sound[10 * RATE : 20 * RATE] = np.random.default_rng(0).normal(size=10 * RATE)
    whole = periodicity(source_of(sound), track_of(np.full(2501, 220.0)))
    noise = np.where((np.arange(2501) >= 1000) & (np.arange(2501) < 2000), 220.0, 0.0)
    part = periodicity(source_of(sound), track_of(noise))
    assert whole == pytest.approx(0.6 * 1.0 + 0.4 * part, abs=0.01)


def test_bass_is_measured_against_the_voice() -> None:
    time = np.arange(5 * RATE) / RATE
    voice, bass = np.sin(2 * np.pi * 220 * time), np.sin(2 * np.pi * 45 * time)
    assert bass_level(source_of(voice + 0.1 * bass)) == pytest.approx(-20, abs=0.5)
    assert bass_level(source_of(harmonics(98.0, 5.0))) < MAX_BASS_DB
    assert bass_level(source_of(np.zeros(RATE))) == -np.inf
    assert bass_level(source_of(0.1 * voice[:800])) < 0


def test_a_voice_moves_and_an_instrument_does_not() -> None:
    rng = np.random.default_rng(0)
    still = track_of(np.repeat(rng.choice([220.0, 247.0, 294.0], 10), 50))
    sung = truth.sing(truth.TENOR, seconds=5, sample_rate=RATE, seed=2)
    assert movement(still).mean() < 0.05
    assert movement(sung.track(0.01)).mean() > 0.3
    assert not movement(track_of(np.full(3, 220.0))).any()


def test_recordings_of_two_people_fall_into_two_groups() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(2, 64))
    near_one = [n * (one + 0.3 * rng.normal(size=64)) for n in (1, 5, 2)]
    near_other = [other + 0.3 * rng.normal(size=64)]
    assert speaker_groups(near_one)[0] > 0.85
    similarity, second = speaker_groups(near_one + near_other)
    assert similarity < 0.4
    assert second.tolist() in ([False, False, False, True], [True, True, True, False])
    assert speaker_groups(near_one[:1])[0] == 1
    assert speaker_groups([near_one[0]] * 3)[0] == pytest.approx(1)


def test_real_songs_are_told_from_real_voices(shared_data: Path) -> None:
    song = AudioInMemory(Audio.load(shared_data / "songs" / "lithium" / "mixture.flac"))
    vocals = AudioInMemory(Audio.load(shared_data / "songs" / "lithium" / "vocals.flac"))
    assert bass_level(vocals) < MAX_BASS_DB < bass_level(song)

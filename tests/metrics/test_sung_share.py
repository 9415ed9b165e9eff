from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from attrs import evolve

from autovoice_core import Audio, AutoVoiceWarning, PitchTrack, VoiceProfile, convert_song
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.metrics.sung_share import SungShare, sung_share
from autovoice_core.synthetic import truth

SONG = "song.wav"
SUNG = SungShare(
    seconds=10.0,
    converted=0.9,
    shifted=0.0,
    unvoiced=0.1,
    residue_lu=-12.0,
    vocals_lu=-3.0,
    moving=0.6,
    periodicity=0.8,
    bass_db=None,
)


def half_noise() -> tuple[AudioInMemory, PitchTrack]:
    """Return a second of noise that fades by half, of which the first 0.2 s have a pitch."""
    vocals = np.random.default_rng(0).normal(0, 0.1, (1, 16_000)).astype(np.float32)
    vocals[:, 8_000:] *= 1e-3
    voiced = np.arange(101) < 20
    pitch = PitchTrack(np.where(voiced, 200.0, 0.0), voiced, np.ones(101, np.float32), 0.01)
    return AudioInMemory(Audio(vocals, 16_000), "vocals"), pitch


def test_loud_frames_with_a_pitch_are_the_part_converted() -> None:
    vocals, pitch = half_noise()
    song = AudioInMemory(Audio(2 * vocals.audio.numpy(), 16_000), "song")
    found = sung_share(song, vocals, pitch, key=0)
    assert found.seconds == pytest.approx(0.5, abs=0.02)
    assert found.converted == pytest.approx(0.4, abs=0.02)
    assert (found.shifted, found.unvoiced) == (0, 1 - found.converted)
    assert found.vocals_lu == pytest.approx(-6.02, abs=0.01)
    assert found.bass_db is None


def test_tonal_sound_without_a_pitch_is_shifted_with_the_key_and_noise_is_not() -> None:
    vocals, pitch = half_noise()
    time = np.arange(16_000) / 16_000
    chord = sum(np.sin(2 * np.pi * f * time) for f in (330.0, 415.0, 494.0))
    tonal = AudioInMemory(Audio(0.1 * np.float32(chord)[None], 16_000), "chord")
    assert sung_share(vocals, vocals, pitch, key=5).shifted < 0.05
    assert sung_share(tonal, tonal, pitch, key=5).shifted == pytest.approx(0.8, abs=0.1)
    assert sung_share(tonal, tonal, pitch, key=0).shifted == 0


def test_the_residue_is_as_loud_as_what_has_no_pitch() -> None:
    vocals = np.random.default_rng(0).normal(0, 0.1, (1, 320_000)).astype(np.float32)
    vocals[:, 160_000:] *= 10 ** (-20 / 20)
    voiced = np.arange(4001) < 2000
    pitch = PitchTrack(np.where(voiced, 200.0, 0.0), voiced, np.ones(4001, np.float32), 0.01)
    source = AudioInMemory(Audio(vocals, 8_000), "vocals")
    found = sung_share(source, source, pitch, key=0)
    assert found.residue_lu == pytest.approx(-20, abs=0.5)


def test_silence_has_no_loudness() -> None:
    silence = AudioInMemory(Audio(np.zeros((1, 16_000), np.float32), 16_000), "silence")
    pitch = PitchTrack(np.zeros(101), np.zeros(101, bool), np.zeros(101, np.float32), 0.01)
    found = sung_share(silence, silence, pitch, key=0)
    assert (found.residue_lu, found.vocals_lu, found.converted) == (None, None, 0)
    assert found.as_dict()["bass_db"] is None


def test_what_hardly_sounds_like_singing_is_warned_of() -> None:
    assert SUNG.warning(SONG) == ""
    assert evolve(SUNG, moving=0.3).warning(SONG) == (
        "song.wav: its vocals hardly sound like singing, so it may be an instrumental; "
        "check that it has vocals, or try another separator"
    )


def test_a_song_that_was_converted_as_vocals_alone_is_warned_of() -> None:
    alone = evolve(SUNG, vocals_lu=None, bass_db=-10.0)
    assert alone.warning(SONG) == ""
    assert evolve(alone, periodicity=0.5, bass_db=-50.0).warning(SONG) == ""
    assert evolve(alone, periodicity=0.5).warning(SONG) == (
        "song.wav: sounds like a song with instruments, but was converted as vocals alone; "
        "leave out vocals_only=True to separate the vocals first"
    )


def test_little_singing_in_loud_vocals_is_warned_of(tmp_path: Path, voice: VoiceProfile) -> None:
    sung = truth.sing(truth.TENOR, seconds=2, sample_rate=16_000, seed=2).audio.numpy()[0]
    noise = np.random.default_rng(0).normal(0, 0.1, 6 * 16_000)
    song, out = tmp_path / "song.wav", tmp_path / "out.wav"
    soundfile.write(song, np.concatenate([0.5 * sung, noise]), 16_000)
    with pytest.warns(AutoVoiceWarning) as caught:
        result = convert_song(song, voice, out, vocals_only=True)
    assert str(caught[-1].message) == (
        f"{song}: a pitch was found in only {result.sung.converted:.0%} of the vocals, and the "
        "rest keeps the old voice; check that the song has vocals, or try another separator"
    )

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from autovoice_core import Audio, AutoVoiceWarning, PitchTrack, VoiceProfile, convert_song
from autovoice_core.audio.source import AudioInMemory
from autovoice_core.songs.coverage import sung_share
from autovoice_core.synthetic import truth


def test_loud_frames_with_a_pitch_are_the_part_converted() -> None:
    vocals = np.random.default_rng(0).normal(0, 0.1, (1, 16_000)).astype(np.float32)
    vocals[:, 8_000:] *= 1e-3
    song = AudioInMemory(Audio(2 * vocals, 16_000), "song")
    voiced = np.arange(101) < 20
    pitch = PitchTrack(np.where(voiced, 200.0, 0.0), voiced, np.ones(101, np.float32), 0.01)
    found = sung_share(song, AudioInMemory(Audio(vocals, 16_000), "vocals"), pitch)
    assert found.seconds == pytest.approx(0.5, abs=0.02)
    assert found.converted == pytest.approx(0.4, abs=0.02)
    assert found.unvoiced == 1 - found.converted
    assert found.vocals_db == pytest.approx(-6.02, abs=0.01)


def test_little_singing_in_loud_vocals_is_warned_of(tmp_path: Path, voice: VoiceProfile) -> None:
    sung = truth.sing(truth.TENOR, seconds=2, sample_rate=16_000, seed=2).audio.numpy()[0]
    noise = np.random.default_rng(0).normal(0, 0.1, 6 * 16_000)
    song, out = tmp_path / "song.wav", tmp_path / "out.wav"
    soundfile.write(song, np.concatenate([0.5 * sung, noise]), 16_000)
    with pytest.warns(AutoVoiceWarning) as caught:
        result = convert_song(song, voice, out, vocals_only=True)
    assert str(caught[-1].message) == (
        f"{out}: only {result.sung.converted:.0%} of the vocals was recognised as singing and "
        "converted; check that the song has vocals, or try another separator"
    )

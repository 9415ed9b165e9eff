"""Fixtures shared by the tests of core and of plugins: recordings, voices and songs."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.synthetic import truth

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real recordings beside the checkout; their licences are in the folder's manifest."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder of shared recordings is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def voice() -> VoiceProfile:
    """A voice made from forty seconds of synthesised singing."""
    with tempfile.TemporaryDirectory() as folder:
        take = Path(folder) / "take.wav"
        truth.sing(truth.SOPRANO, seconds=40, sample_rate=16_000, seed=5).audio.save(take)
        return VoiceProfile.from_recordings([take], name="Ada")


@pytest.fixture
def voice_file(tmp_path_factory: pytest.TempPathFactory, voice: VoiceProfile) -> Path:
    """A store of voices that holds Ada."""
    path = tmp_path_factory.mktemp("voices") / "voices.db"
    with VoiceProfileStorage(path) as voices:
        voices.add(voice)
    return path


@pytest.fixture(scope="session")
def short_song() -> truth.Song:
    """Five seconds of a tenor over a band, in stereo."""
    return truth.song(seconds=5, sample_rate=22_050, seed=3, singer=truth.TENOR)


@pytest.fixture
def song_file(tmp_path: Path, short_song: truth.Song) -> Path:
    path = tmp_path / "song.flac"
    short_song.mixture.save(path)
    return path


@pytest.fixture
def vocal_file(tmp_path: Path, short_song: truth.Song) -> Path:
    path = tmp_path / "vocal.flac"
    short_song.stems.vocals.save(path)
    return path

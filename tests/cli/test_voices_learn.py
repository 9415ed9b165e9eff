from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.cli import main
from autovoice_core.testing import truth

Captured = pytest.CaptureFixture[str]


def voices(*arguments: object) -> int:
    return main(["voices", *map(str, arguments)])


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two recordings of a tenor, 24 s in all."""
    folder = tmp_path_factory.mktemp("takes")
    paths = [folder / "one.wav", folder / "two.flac"]
    for seed, path in enumerate(paths):
        truth.sing(truth.TENOR, seconds=12, sample_rate=16_000, seed=seed).audio.save(path)
    return paths


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile) -> Path:
    """A home of AutoVoice in which Ada is kept."""
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    VoiceProfileStorage().add(voice)
    return tmp_path / "home"


def test_a_voice_whose_recordings_are_kept_learns_again(
    home: Path, takes: list[Path], capsys: Captured
) -> None:
    tracker = ["--backend", "pitch=reference/nccf"]
    assert voices("add", "ben", *takes, *tracker, "--keep-audio") == 0
    assert voices("learn", "ben", "--backend", "conversion=reference/retrieval", *tracker) == 0
    assert capsys.readouterr().out.endswith("ben now holds features of retrieval/1\n")
    assert VoiceProfileStorage().summary("ben").keeps_audio
    assert voices("learn", "Ada") == 1
    assert capsys.readouterr().err.startswith("autovoice: no recordings of 'Ada' are kept; ")

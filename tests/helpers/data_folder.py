"""A folder of data with a voice in it, and what ``autovoice doctor --fix`` does about a finding."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.cli.doctor.finding import Finding


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile) -> Path:
    """The folder of data, with the voice Ada; and an empty folder for temporary files."""
    folder = tmp_path / "home"
    monkeypatch.setenv("AUTOVOICE_HOME", str(folder))
    monkeypatch.delenv("AUTOVOICE_MODELS", raising=False)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.chdir(tmp_path)
    VoiceProfileStorage().add(voice)
    return folder


def mended(finding: Finding) -> str:
    """Mend what was found, and return what was done."""
    assert finding.mend is not None
    return finding.mend()

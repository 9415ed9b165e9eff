"""Songs, a storage and workers for the tests of ``autovoice batch``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_runs import InProcess, ada, hums, toys

from autovoice_core.batch import run
from autovoice_core.voices.storage import VoiceProfileStorage


@pytest.fixture(autouse=True)
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcess]:
    """Workers in this process, in place of the processes of this machine."""
    engine = InProcess()
    monkeypatch.setattr(run, "LocalEngine", lambda: engine)
    with toys(tmp_path / "toy", monkeypatch):
        yield engine


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    return hums(tmp_path / "songs", "x.wav", "a/y.flac")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A storage that holds Ada."""
    path = tmp_path / "voices.db"
    with VoiceProfileStorage(path) as voices:
        voices.add(ada())
    return path

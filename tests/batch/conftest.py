from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from batch_runs import hums, toys


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder in which the toy tracker leaves its traces; all toys are named."""
    with toys(tmp_path / "toy", monkeypatch) as traces:
        yield traces


@pytest.fixture
def songs(tmp_path: Path) -> Path:
    """A folder of three songs."""
    return hums(tmp_path / "songs", "x.wav", "a/y.wav", "a/z.flac")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"

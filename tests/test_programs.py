from __future__ import annotations

import os
from pathlib import Path

import pytest

from autovoice_core._programs import find_program


def program(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "ffmpeg"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.mark.skipif(os.name != "posix", reason="a program of a shell")
@pytest.mark.parametrize("entry", ["", ".", "songs"])
def test_a_program_that_came_with_the_songs_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entry: str
) -> None:
    monkeypatch.chdir(tmp_path)
    program(tmp_path), program(tmp_path / "songs")
    installed = program(tmp_path / "bin")
    monkeypatch.setenv("PATH", entry)
    assert find_program("ffmpeg") is None
    monkeypatch.setenv("PATH", f"{entry}{os.pathsep}{installed.parent}")
    assert find_program("ffmpeg") == str(installed)


def test_a_program_that_the_system_looks_for_in_the_working_folder_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda name, path: f".{os.sep}{name}")
    assert find_program("ffmpeg") is None

"""Commands in hostile surroundings: no home, files that are none, an encoding without letters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.cli import main

RATE = 16_000


def sound(path: Path) -> Path:
    tone = 0.3 * np.sin(np.arange(RATE) * 2 * np.pi * 220 / RATE)
    Audio(tone[None].astype(np.float32), RATE).save(path)
    return path


def refusal(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Return the only line that a command ends in."""
    assert main([str(argument) for argument in arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


@pytest.mark.parametrize(
    "command",
    [("voices", "list"), ("voices", "show", "x"), ("models", "path")],
    ids=" ".join,
)
def test_a_home_of_nobody_is_one_line(
    command: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", "~nosuch")
    assert refusal(capsys, *command) == (
        "autovoice: AUTOVOICE_HOME: ~nosuch: there is no such user, or no home folder; "
        "give a whole path"
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_fifo_in_place_of_a_sound_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "a.wav")
    assert refusal(capsys, "pitch", tmp_path / "a.wav") == (
        f"autovoice: {tmp_path / 'a.wav'}: no program writes to this FIFO; start the writer first, "
        "or give a file"
    )


def test_a_file_of_samples_alone_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.raw").write_bytes(np.arange(4000, dtype="<i2").tobytes())
    line = refusal(capsys, "pitch", tmp_path / "a.raw")
    assert line.startswith(f"autovoice: {tmp_path / 'a.raw'}: ")


def test_a_source_that_vanishes_in_mid_run_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from autovoice_core.cli import pitch

    song = sound(tmp_path / "a.wav")
    plain = pitch.existing_files

    def vanish(*paths: Path) -> tuple[Path, ...]:
        song.unlink()
        return plain(*paths)

    monkeypatch.setattr(pitch, "existing_files", vanish)
    assert refusal(capsys, "pitch", song) == (
        f"autovoice: {song}: can't be read any more (No such file or directory); leave the file in "
        "its place until the work is done"
    )


def test_a_plot_takes_any_name(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    song = sound(tmp_path / "a$b_^{\x01.wav")
    assert main(["pitch", str(song), "--plot", str(tmp_path / "a.svg")]) == 0


def test_an_encoding_without_letters_takes_any_name(tmp_path: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    run = subprocess.run(
        [sys.executable, "-m", "autovoice_core.cli", "pitch", os.fsencode(tmp_path / "é♯.wav")],
        env=os.environ | plain,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr.decode("ascii").count("\n") == 1
    assert b"no such file" in run.stderr

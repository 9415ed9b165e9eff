from __future__ import annotations

import logging
import os
import re
from pathlib import Path

import pytest

from autovoice_core.cli import _verbosity, main

RECORD = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) autovoice_core\S*: "


def convert(song: Path, voices: Path, out: Path, *more: object) -> int:
    arguments = [song, "--voice", "Ada", "--db", voices, "--out", out, *more]
    return main(["convert", *map(str, arguments)])


def test_v_says_which_backends_run_and_how_long_each_stage_takes(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(song_file, voice_file, tmp_path / "out.wav", "-v") == 0
    told = capsys.readouterr().err
    for stage in ("separation", "pitch", "conversion", "remix"):
        assert re.search(rf"^{stage}: done in \d+\.\d\d s$", told, re.MULTILINE)
    assert "pitch: reference/nccf" in told
    assert "windows of" not in told


def test_vv_adds_the_windows(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(song_file, voice_file, tmp_path / "out.wav", "-vv") == 0
    assert re.search(r"^conversion: windows of \d+ samples", capsys.readouterr().err, re.MULTILINE)


def test_without_an_option_nothing_is_logged(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(song_file, voice_file, tmp_path / "out.wav", "-v") == 0
    capsys.readouterr()
    assert convert(song_file, voice_file, tmp_path / "again.wav") == 0
    assert "done in" not in capsys.readouterr().err
    assert not logging.getLogger("autovoice_core").handlers


def test_the_log_holds_the_command_its_steps_and_how_it_failed(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "autovoice.log"
    assert convert(song_file, voice_file, tmp_path / "out.wav", "--log", log) == 0
    assert "done in" not in capsys.readouterr().err
    assert convert(song_file, voice_file, tmp_path / "no" / "out.wav", "--log", log) == 1
    failure = capsys.readouterr().err.removeprefix("autovoice: ").strip()
    lines = [line for line in log.read_text().splitlines() if not line.startswith("  ")]
    assert all(re.match(RECORD, line) for line in lines)
    assert lines[0].endswith(
        f"autovoice convert {song_file} --voice Ada --db {voice_file} --out "
        f"{tmp_path / 'out.wav'} --log {log}"
    )
    assert any("conversion: done in" in line for line in lines)
    assert lines[-1].endswith(f"ERROR autovoice_core: {failure}")


def test_q_shows_no_warnings(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = ("--key", "5", "--report", tmp_path / "page.html")
    assert convert(song_file, voice_file, tmp_path / "out.wav", *loud, "-q") == 0
    assert capsys.readouterr().err == ""


def test_a_log_that_cannot_be_written_is_refused(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "no" / "log.txt"
    assert convert(song_file, voice_file, tmp_path / "out.wav", "--log", log) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {log}: can't be written (No such file or directory); choose another\n"
    )
    assert not (tmp_path / "out.wav").exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs FIFOs")
def test_a_log_that_is_no_file_is_refused_without_waiting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "fifo"
    os.mkfifo(log)
    for place in (log, Path("/dev/null")):
        assert main(["plugins", "list", "--log", str(place)]) == 1
        assert capsys.readouterr().err == (
            f"autovoice: {place}: can't be written "
            "(it is no file but a FIFO, a device or a socket); choose another\n"
        )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_log_that_gets_full_is_told_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "autovoice.log"
    with _verbosity.restored_logging():
        handler = _verbosity._LogFile(log)
        handler.stream.close()
        handler.stream = Path("/dev/full").open("w")  # noqa: SIM115  # the handler closes it
        _verbosity._attach(handler)
        for _ in range(2):
            _verbosity.log_message(logging.INFO, "a line")
    assert capsys.readouterr().err == (
        f"autovoice: warning: {log}: can't be written (No space left on device); "
        "the log is incomplete\n"
    )


@pytest.mark.parametrize("joined", [False, True])
def test_a_log_that_is_the_result_too_is_refused(
    song_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], joined: bool
) -> None:
    log = tmp_path / "track.csv"
    log.write_text("kept\n")
    out = [f"--out={log}"] if joined else ["--out", str(log)]
    assert main(["pitch", str(song_file), "--log", str(log), *out]) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {log}: two files would have this name; choose another\n"
    )
    assert log.read_text() == "kept\n"


def test_commands_of_a_group_take_them_too(
    voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["voices", "list", "--db", str(voice_file), "-q", "-v"]) == 0
    assert "Ada" in capsys.readouterr().out


def test_a_sound_file_is_no_log(song_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = song_file.read_bytes()
    assert main(["pitch", str(song_file), "--log", str(song_file)]) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {song_file}: holds no text, so it is not a log; give another file\n"
    )
    assert song_file.read_bytes() == before


def test_a_log_shows_control_characters_as_escapes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "autovoice.log"
    assert main(["pitch", str(tmp_path / "a\x1b[31m\n.wav"), "--log", str(log)]) == 1
    lines = log.read_text().splitlines()
    assert len(lines) == 2
    assert "\x1b" not in log.read_text()
    assert r"a\x1b[31m\n.wav" in lines[1]

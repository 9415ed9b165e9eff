from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from autovoice_core.cli import main
from autovoice_core.metrics import Judges, comparison

INSTALL = "needs pocketsphinx: pip install 'autovoice-core[report]'"


@pytest.fixture(autouse=True)
def nobody_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on every machine, whatever is installed there."""
    monkeypatch.setattr(comparison, "installed_judges", lambda: Judges(absent={"phones": INSTALL}))


def report(source: Path, result: Path, voices: Path, *more: object) -> int:
    words = ["report", str(source), str(result), "--voice", "Ada", "--db", str(voices)]
    return main([*words, *map(str, more)])


def test_it_prints_the_table_and_writes_the_page(
    vocal_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    assert report(vocal_file, vocal_file, voice_file, "--out", out) == 0
    lines = capsys.readouterr().out.splitlines()
    (words,) = (line for line in lines if "phone error" in line)
    assert re.search("phone error  +left out  +", words) is not None
    assert INSTALL in words
    assert any("median f0 error" in line and "0.0 cents" in line for line in lines)
    assert lines[-1] == f"wrote {out}"
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_json_is_for_scripts(
    vocal_file: Path,
    voice_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert report(vocal_file, vocal_file, voice_file, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["page"] == "report.html"
    assert found["voice"] == "Ada"
    assert found["figures"]["f0_error"] == 0
    assert found["figures"]["phone_error"] is None
    assert found["left_out"]["phone_error"] == INSTALL
    assert Path("report.html").exists()


def test_an_unknown_voice_is_one_sentence(
    vocal_file: Path, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["report", str(vocal_file), str(vocal_file), "--voice", "Bob", "--db", str(voice_file)]
    assert main(words) == 1
    assert capsys.readouterr().err == (
        "autovoice: unknown voice 'Bob'; `autovoice voices list` shows all voices\n"
    )


def convert(song: Path, voices: Path, *more: object) -> int:
    words = ["convert", str(song), "--voice", "Ada", "--db", str(voices)]
    return main([*words, *map(str, more)])


def test_convert_writes_a_report_of_the_vocals_too(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "out.wav", tmp_path / "page.html"
    more = ["--out", out, "--report", page, "--breath", "soften", "--json"]
    assert convert(song_file, voice_file, *more) == 0
    found = json.loads(capsys.readouterr().out)["report"]
    assert found["style"]["breath"] == "soften"
    assert re.search("<h2>Style</h2><p>[^<]*breath soften</p>", page.read_text()) is not None
    assert (found["source"], found["result"]) == (song_file.name, out.name)
    assert found["figures"]["key"] == pytest.approx(12, abs=0.1)
    # The vocals are compared at the loudness that they have in the song.
    assert found["figures"]["loudness_difference"] == pytest.approx(0, abs=0.05)
    assert found["page"] == page.name
    assert page.exists()


def test_convert_says_where_its_report_is(
    vocal_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, page = tmp_path / "out.wav", tmp_path / "page.html"
    assert convert(vocal_file, voice_file, "--vocals-only", "--out", out, "--report", page) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == [f"wrote {page}", f"wrote {out}"]


def test_two_files_of_one_name_are_refused(
    vocal_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    assert convert(vocal_file, voice_file, "--out", out, "--report", out) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {out}: two files would have this name; choose another\n"
    )
    assert not out.exists()


def test_the_song_is_not_overwritten_by_its_report(
    vocal_file: Path, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(vocal_file, voice_file, "--report", vocal_file) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {vocal_file}: is the song itself; give the report another name\n"
    )

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autovoice_core._provenance import Provenance
from autovoice_core.cli import demo, main
from autovoice_core.demo import Demo
from autovoice_core.demo.measurements import Measurement

MADE_BY = (Provenance("pitch", "cpu/nccf", "autovoice-cpu 0.1.0", "cpu", "float32"),)
FIGURES = (
    Measurement("pitch", "median f0 error", 3.71, "cents"),
    Measurement("pitch", "voicing, recall", 98.0, "%"),
    Measurement("song", "loudness", -15.0, "LUFS", -14.0),
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, float, str]]:
    """Replace the work, which tests/demo judges, and note what was asked for."""
    calls: list[tuple[Path, float, str]] = []

    def run(
        folder: Path, *, seconds: float, need: object, overwrite: bool, progress: object
    ) -> Demo:
        calls.append((folder, seconds, str(need)))
        files = (folder / "before.wav", folder / "after.wav")
        return Demo(folder, files, FIGURES, seconds, {"synthesis": 1.0, "pitch": 0.5}, MADE_BY)

    monkeypatch.setattr(demo, "run_demo", run)
    return calls


def test_it_prints_what_was_measured_what_ran_and_where_it_lies(
    asked: list[tuple[Path, float, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--seconds", "8"]) == 0
    assert asked[0][:2] == (Path("autovoice-demo"), 8)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1].split() == ["pitch", "median", "f0", "error", "3.7", "cents", "0.5"]
    assert lines[2].split() == ["voicing,", "recall", "98.0", "%"]
    assert lines[3].split() == ["song", "loudness", "-15.0", "LUFS", "-14.0", "LUFS"]
    assert lines[5] == "pitch: cpu/nccf (autovoice-cpu 0.1.0) on cpu, float32"
    assert lines[6] == "2 s for 8 s of song: synthesis 1.0, pitch 0.5"
    assert lines[8] == (
        "listen to autovoice-demo/before.wav and autovoice-demo/after.wav; "
        "everything is in autovoice-demo:"
    )
    assert lines[9:] == ["  before.wav", "  after.wav"]


def test_json_is_for_scripts(
    asked: list[tuple[Path, float, str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", "--out", str(tmp_path), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["measured"][0]["value"] == 3.71
    assert report["files"] == ["before.wav", "after.wav"]


def test_a_line_is_sung_on_request(
    asked: list[tuple[Path, float, str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folders = []

    def run(folder: Path, *, need: object, overwrite: bool, progress: object) -> Demo:
        folders.append(folder)
        return Demo(folder, (), FIGURES, 10.5, {"singing": 1.0}, MADE_BY)

    monkeypatch.setattr(demo, "run_sung_demo", run)
    assert main(["demo", "--sing", "--out", "sung"]) == 0
    assert folders == [Path("sung")]
    assert not asked
    assert "1 s for 10.5 s of song: singing 1.0" in capsys.readouterr().out


def test_a_sung_line_takes_no_length(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--sing", "--seconds", "8"]) == 2
    assert (
        "--seconds: a sung line has a length of its own; omit it or --sing"
        in capsys.readouterr().err
    )


def test_a_length_out_of_range_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--seconds", "2"]) == 2
    assert "2.0 is not in the range 5.0<=x<=600.0." in capsys.readouterr().err

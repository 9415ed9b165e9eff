from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.cli import main
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.testing.truth import tone


@pytest.fixture
def hum(tmp_path: Path) -> Path:
    path = tmp_path / "hum.wav"
    tone(np.full(16000, 200.0), 16000).save(path)
    return path


def test_it_writes_what_is_asked_for_and_says_so(
    hum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("mido")
    out = [tmp_path / name for name in ("f0.csv", "f0.mid", "f0.png")]
    flags = ("--out", "--midi", "--plot")
    options = [part for flag, path in zip(flags, out, strict=True) for part in (flag, str(path))]
    assert (
        main(["pitch", str(hum), *options, "--hop", "0.02", "--backend", "pitch=reference/nccf"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("pitch: reference/nccf (reference-backend ")
    assert re.fullmatch(
        r"1\.00 s, 100% voiced, median (200|199)\.\d Hz \(G3\), "
        r"range \d+\.\d Hz \(G3\) to \d+\.\d Hz \(G♯?3\)",
        lines[1],
    )
    assert lines[2:] == [f"wrote {path}" for path in out]
    rows = out[0].read_text(encoding="utf-8").splitlines()
    assert rows[0] == "time_s,f0_hz,voiced,confidence"
    assert len(rows) == 52
    assert out[1].read_bytes()[:4] == b"MThd"


def test_the_suffix_names_the_format(hum: Path, tmp_path: Path) -> None:
    out = tmp_path / "f0.json"
    assert main(["pitch", str(hum), "--out", str(out), "--hop", "0.02"]) == 0
    assert json.loads(out.read_text(encoding="utf-8"))["hop_s"] == 0.02


def test_without_outputs_it_prints_a_summary(hum: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pitch", str(hum)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("1.00 s, 100% voiced, median ")


def test_json_is_the_summary_and_the_track(
    hum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "f0.csv"
    out.touch()
    assert main(["pitch", str(hum), "--json", "--out", str(out), "--hop", "0.02"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["file"] == str(hum)
    assert (data["seconds"], data["frames"], data["voiced_share"]) == (1.0, 51, 1.0)
    assert data["lowest_hz"] <= data["median_hz"] <= data["highest_hz"]
    assert data["median_hz"] == pytest.approx(200, rel=0.02)
    assert data["files"] == data["replaced"] == [str(out)]
    assert len(data["f0_hz"]) == 51


def test_a_track_on_standard_output_is_not_mixed_with_words(hum: Path) -> None:
    command = [sys.executable, "-m", "autovoice_core.cli", "pitch", str(hum)]
    run = subprocess.run(
        [*command, "--out", "/dev/stdout"], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines()[0] == "time_s,f0_hz,voiced,confidence"
    assert len(run.stdout.splitlines()) == 102
    assert run.stderr.splitlines()[-1] == "wrote /dev/stdout"


@pytest.mark.parametrize(
    ("option", "name", "refusal"),
    [
        (
            "--out",
            "p.txt",
            "the suffix '.txt' is not one of a pitch track; "
            "use .csv, .json, .npz, .mid, .midi, .png, .svg, .pdf",
        ),
        ("--midi", "p.csv", "the name of a MIDI file ends in .mid or .midi; name it p.mid"),
        ("--plot", "p.mid", "the name of a picture ends in .png or .svg or .pdf; name it p.png"),
        ("--out", "none/p.csv", "the folder {folder}/none does not exist; make it first"),
        ("--plot", ".", "is a directory; give the name of a file"),
    ],
)
def test_outputs_are_checked_before_the_work(
    hum: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: str,
    name: str,
    refusal: str,
) -> None:
    monkeypatch.setattr(SingingPitchExtractor, "extract", None)
    path = tmp_path / name
    assert main(["pitch", str(hum), option, str(path)]) == 1
    message = f"autovoice: {path}: {refusal.format(folder=tmp_path)}\n"
    assert capsys.readouterr().err == message


def test_a_file_that_exists_is_replaced_and_called_so_or_kept_on_request(
    hum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "f0.csv"
    out.write_text("old")
    assert main(["pitch", str(hum), "--out", str(out), "--no-clobber"]) == 1
    assert out.read_text() == "old"
    assert capsys.readouterr().err == (
        f"autovoice: {out}: already exists, and --no-clobber was given; choose another name\n"
    )
    assert main(["pitch", str(hum), "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"replaced {out}"


@pytest.mark.skipif(sys.platform == "win32", reason="names are text on Windows")
def test_a_name_with_bytes_controls_and_dollars_is_tracked_and_drawn(
    hum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    odd = tmp_path / os.fsdecode(b"\xe9\x1b[31m\n$x_$.wav")
    try:
        hum.rename(odd)
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    out = odd.with_suffix(".png")
    assert main(["pitch", str(odd), "--plot", str(out)]) == 0
    shown = str(tmp_path) + r"/\udce9\x1b[31m\n$x_$.png"
    assert capsys.readouterr().out.splitlines()[-1] == f"wrote {shown}"
    assert out.exists()


def test_silence_has_no_voice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "silence.wav", tmp_path / "f0.csv"
    Audio(np.zeros((2, 8000), np.float32), 8000).save(path)
    assert main(["pitch", str(path), "--out", str(out)]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "1.00 s, no voice"
    assert len(out.read_text(encoding="utf-8").splitlines()) == 102


def test_one_file_for_two_results_is_refused(
    hum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, link = tmp_path / "f0.mid", tmp_path / "link.mid"
    link.symlink_to(path)
    assert main(["pitch", str(hum), "--out", str(path), "--midi", str(link)]) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {link}: two files would have this name; choose another\n"
    )


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_the_recording_is_never_written_over(
    hum: Path, tmp_path: Path, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hum.read_bytes()
    out = tmp_path / "f0.csv"
    getattr(out, link)(hum)
    assert main(["pitch", str(hum), "--out", str(out)]) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {out}: is the recording itself; give the result another name\n"
    )
    assert hum.read_bytes() == before


@pytest.mark.parametrize(
    ("option", "value", "shown"),
    [
        ("--set", "conversion.nope=0.3", "conversion.nope"),
        ("--backend", "conversion=nope/x", "conversion=nope/x"),
    ],
)
def test_an_option_for_an_operation_that_the_command_does_not_use_is_refused(
    hum: Path, option: str, value: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pitch", str(hum), option, value]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"Error: Invalid value for '{option}': {shown!r} would have no effect, as this command "
        "uses pitch alone"
    )


def test_the_environment_may_speak_of_operations_that_the_command_does_not_use(
    hum: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOVOICE_SETTINGS", "conversion.nope=0.3")
    monkeypatch.setenv("AUTOVOICE_CONVERSION", "nope/x")
    assert main(["pitch", str(hum)]) == 0


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--fmin", "90", "--fmax", "80"], "--fmin, --fmax: 90 to 80 Hz is not a range within"),
        (["--backend", "pitch=cpu/ear"], "'cpu/ear'"),
    ],
)
def test_bad_options_fail_in_one_line_and_write_nothing(
    hum: Path,
    tmp_path: Path,
    options: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "f0.csv"
    assert main(["pitch", str(hum), "--out", str(out), *options]) == 1
    printed = capsys.readouterr().err.strip()
    assert line in printed
    assert "\n" not in printed
    assert not out.exists()


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "nothing.wav"
    assert main(["pitch", str(path), "--out", str(tmp_path / "f0.csv")]) == 1
    assert str(path) in capsys.readouterr().err


def test_octaves_are_guarded_on_request(hum: Path, tmp_path: Path) -> None:
    out = tmp_path / "f0.csv"
    assert main(["pitch", str(hum), "--out", str(out), "--octave-guard"]) == 0
    f0 = np.loadtxt(out, delimiter=",", skiprows=1)[:, 1]
    np.testing.assert_allclose(f0[f0 > 0], 200, rtol=0.02)  # an octave would be 100 or 400

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.cli import main
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
    out = [tmp_path / name for name in ("f0.csv", "f0.json", "f0.mid", "f0.png")]
    flags = ("--out", "--json", "--midi", "--plot")
    options = [part for flag, path in zip(flags, out, strict=True) for part in (flag, str(path))]
    assert (
        main(["pitch", str(hum), *options, "--hop", "0.02", "--backend", "pitch=reference/nccf"])
        == 0
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("pitch: reference/nccf (reference-backend ")
    assert lines[1].startswith("51 frames, 100% voiced, ")
    assert lines[2:] == [f"wrote {path}" for path in out]
    rows = out[0].read_text(encoding="utf-8").splitlines()
    assert rows[0] == "time_s,f0_hz,voiced,confidence"
    assert len(rows) == 52
    assert out[2].read_bytes()[:4] == b"MThd"
    assert json.loads(out[1].read_text(encoding="utf-8"))["hop_s"] == 0.02


def test_silence_has_no_voice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "silence.wav", tmp_path / "f0.csv"
    Audio(np.zeros((2, 8000), np.float32), 8000).save(path)
    assert main(["pitch", str(path), "--out", str(out)]) == 0
    assert "no voice in 101 frames" in capsys.readouterr().out
    assert len(out.read_text(encoding="utf-8").splitlines()) == 102


def test_nothing_to_write_is_a_usage_error(hum: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pitch", str(hum)]) == 2
    assert (
        "Error: nothing to write: give --out, --json, --midi or --plot" in capsys.readouterr().err
    )


def test_one_file_for_two_results_is_a_usage_error(
    hum: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "f0")
    assert main(["pitch", str(hum), "--out", path, "--json", path]) == 2
    message = "Error: --out, --json, --midi and --plot need different files"
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("option", ["--out", "--json", "--midi", "--plot"])
def test_the_recording_is_never_written_over(
    hum: Path, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = hum.read_bytes()
    assert main(["pitch", str(hum), option, str(hum)]) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {hum}: is the recording itself; give the result another name\n"
    )
    assert hum.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--hop", "0"], "hop: 0.0 s is not a positive number of seconds; 0.01 is usual"),
        (["--fmin", "5"], "fmin, fmax: 5 to 2000 Hz is not a range within 30 to 2000 Hz"),
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

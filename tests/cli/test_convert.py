from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.audio.reading import AudioFile
from autovoice_core.cli import main


def convert(song: Path, voices: Path, *more: object) -> int:
    return main(["convert", str(song), "--voice", "Ada", "--db", str(voices), *map(str, more)])


def test_it_says_what_ran_and_what_was_written(
    song_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.wav"
    more = ["--out", out, "--stems", tmp_path / "stems", "--breath", "soften"]
    assert convert(song_file, voice_file, *more) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == ["separation", "pitch", "conversion"]
    assert re.fullmatch(r"converted to the voice of Ada in \d+\.\d s", lines[3])
    assert lines[4].startswith("key: one octave up, since the singer's median is ")
    assert lines[5] == "style: breath soften"
    assert re.fullmatch(r"singing: \d+% of \d+\.\d s converted(, \d+% shifted as sound)?", lines[6])
    assert re.fullmatch(r"unconverted rest: \d+\.\d LU quieter than the vocals", lines[7])
    assert re.fullmatch(r"vocals: \d+\.\d LU (quieter|louder) than the song", lines[8])
    assert lines[-1] == f"wrote {out}"
    assert sum(line.startswith("wrote ") for line in lines) == 4
    assert AudioFile(out).frames == AudioFile(song_file).frames


def test_json_is_for_scripts(
    vocal_file: Path, voice_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.flac"
    options = [
        "--out",
        out,
        "--vocals-only",
        "--key",
        "-3",
        "--json",
        "--backend",
        "pitch=reference/nccf",
        *("--formant", "-0.5", "--strength", "0.9", "--breath", "remove"),
        *("--vibrato", "0.5", "--seed", "3"),
    ]
    assert convert(vocal_file, voice_file, *options) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["path"] == str(out)
    assert report["key_semitones"] == -3
    assert report["key_reason"] == "3 semitones down, as requested"
    assert set(report["sung"]) == {
        *("seconds", "converted", "shifted", "unvoiced", "residue_lu", "vocals_lu"),
        *("moving", "periodicity", "bass_db"),
    }
    assert report["sung"]["vocals_lu"] is None
    assert report["style"] == {
        "key": -3,
        "formant": -0.5,
        "strength": 0.9,
        "breath": "remove",
        "vibrato": 0.5,
        "seed": 3,
    }
    assert [made["backend"] for made in report["made_by"]] == [
        "reference/nccf",
        "reference/retrieval",
    ]


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--key", "high"], "'high' is neither 'auto', 'auto-semitone' nor a number of semitones"),
        (["--key", "25"], "25 semitones are outside -24 to 24"),
        (["--formant", "13"], "13.0 is not in the range -12.0<=x<=12.0"),
        (["--strength", "2"], "2.0 is not in the range 0<=x<=1"),
        (["--breath", "hold"], "'hold' is not one of 'keep', 'soften', 'remove'."),
        (["--device", "abacus"], "nobody offers a device 'abacus': known are "),
        (
            ["--set", "overlap=0.5"],
            "'overlap', given by the option --set, is not OPERATION.NAME=VALUE",
        ),
        (
            ["--backend", "pitch"],
            "'pitch' is not OP=NAME with OP one of separation, pitch, conversion",
        ),
        (
            ["--backend", "guess=cpu/nccf"],
            "'guess=cpu/nccf' is not OP=NAME with OP one of separation, pitch, conversion",
        ),
    ],
)
def test_wrong_usage_is_exit_code_2(
    song_file: Path,
    voice_file: Path,
    options: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = set(song_file.parent.iterdir())
    assert convert(song_file, voice_file, *options) == 2
    assert line in capsys.readouterr().err
    assert set(song_file.parent.iterdir()) == before


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--voice", "Adda"], "Ada"),
        (["--device", "cuda"], "cuda"),
        (["--backend", "pitch=reference/ncf"], "reference/nccf"),
        (
            ["--set", "pitch.threshold=0.5"],
            "pitch.threshold: reference/nccf has no such setting, given by the option --set; it "
            "has none",
        ),
        (["--out", "/no/such/folder/out.wav"], "/no/such/folder"),
        (["--out", "out.xyz"], "the suffix '.xyz'"),
    ],
)
def test_a_failure_is_one_line_that_helps_and_leaves_nothing(
    song_file: Path,
    voice_file: Path,
    options: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(song_file.parent)
    before = set(song_file.parent.iterdir())
    assert convert(song_file, voice_file, *options) == 1
    message = capsys.readouterr().err
    assert line in message
    assert message.startswith("autovoice: ")
    assert "Traceback" not in message
    assert set(song_file.parent.iterdir()) == before


def test_a_song_that_is_missing_is_said(
    tmp_path: Path, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song = tmp_path / "none.flac"
    assert convert(song, voice_file) == 1
    assert capsys.readouterr().err == f"autovoice: {song}: no such file; check the path\n"


def test_the_result_stands_beside_the_song_by_default(
    vocal_file: Path, voice_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert convert(vocal_file, voice_file, "--vocals-only") == 0
    out = vocal_file.with_name("vocal.Ada.flac")
    assert f"wrote {out}" in capsys.readouterr().out
    assert np.abs(Audio.load(out).numpy()).max() > 0.01

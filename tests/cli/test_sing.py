from __future__ import annotations

import json
from pathlib import Path

import pytest

from autovoice_core import Audio
from autovoice_core.cli import main


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "tune.csv"
    path.write_text("start,end,note,bar\n0.3,0.7,A3,1\n0.7,1.2,C4,2\n", encoding="utf-8")
    return path


def test_it_sings_lyrics_and_says_so(
    tmp_path: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sung.wav"
    assert main(["sing", "me so", str(notes), "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("speech: reference/")
    assert lines[1].startswith("sang 1.5 s in the engine's own voice in ")
    assert lines[2] == f"wrote {out}"


def test_it_takes_the_lyrics_of_a_score(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my tune.csv"
    path.write_text("start,end,note,lyric\n0.3,0.7,A3,me\n0.7,1.2,C4,so\n", encoding="utf-8")
    assert main(["sing", str(path), str(path), "--out", str(tmp_path / "sung.wav")]) == 0
    assert "sang 1.5 s" in capsys.readouterr().out


def test_what_is_read_is_not_written_over(
    tmp_path: Path, notes: Path, song_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    link = tmp_path / "link.flac"
    link.symlink_to(song_file)
    before = song_file.read_bytes()
    options = ["--accompaniment", str(song_file), "--out", str(link)]
    assert main(["sing", "me so", str(notes), *options]) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {link}: is read for the song; give the result another name\n"
    )
    assert song_file.read_bytes() == before


def test_it_mixes_with_an_accompaniment(
    tmp_path: Path, notes: Path, song_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mix.flac"
    options = ["--accompaniment", str(song_file), "--portamento", "0.1", "--json"]
    assert main(["sing", "me so", str(notes), "--out", str(out), *options]) == 0
    assert json.loads(capsys.readouterr().out)["audio_s"] == pytest.approx(5.0)
    assert Audio.load(out).channels == 2


@pytest.mark.parametrize(
    ("lyrics", "options", "message"),
    [
        (
            "me so me",
            [],
            "LYRICS: the syllables need 3 notes, but the melody has 2: the last one, at bar 2, is "
            "reached before the end of 'me'; add notes, shorten the lyrics, or join syllables on "
            "one note by ~, as in heav~en",
        ),
        (
            "me so",
            ["--vibrato-rate", "20"],
            "--vibrato-rate: 20.0 is not a number of Hz from 3 to 9",
        ),
    ],
)
def test_mistakes_get_one_line(
    tmp_path: Path,
    notes: Path,
    capsys: pytest.CaptureFixture[str],
    lyrics: str,
    options: list[str],
    message: str,
) -> None:
    out = tmp_path / "x.wav"
    assert main(["sing", lyrics, str(notes), "--out", str(out), *options]) == 1
    assert capsys.readouterr().err == f"autovoice: {message}\n"
    assert not out.exists()


def test_a_file_that_exists_can_be_kept(
    tmp_path: Path, notes: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "x.wav"
    out.write_bytes(b"kept")
    assert main(["sing", "me so", str(notes), "--out", str(out), "--no-clobber"]) == 1
    assert "already exists, and --no-clobber was given" in capsys.readouterr().err
    assert out.read_bytes() == b"kept"

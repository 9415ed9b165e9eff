from __future__ import annotations

import json
from pathlib import Path

import pytest

from autovoice_core import Audio
from autovoice_core._engine import Engine
from autovoice_core.cli import main


def test_it_says_text_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "said.wav"
    assert main(["say", "Hello there.", "--out", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("speech: reference/")
    seconds = Audio.load(out).duration
    assert lines[1].startswith(f"said {seconds:.1f} s in the engine's own voice in ")
    assert lines[2] == f"wrote {out}"


def test_it_reads_a_file_of_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "speech.txt"
    text.write_text("One. Two.", encoding="utf-8")
    assert main(["say", str(text), "--out", str(tmp_path / "said.flac"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sentences"] == 2
    assert said["voice"] is None


@pytest.mark.parametrize(
    ("text", "out", "message"),
    [
        ("hi", "x.xyz", "the suffix '.xyz' is not a sound format"),
        ("hi", "no/x.wav", "does not exist; make it first"),
        ("hi", "kept.wav", "already exists, and --no-clobber was given; choose another name"),
        ("...", "x.wav", "TEXT: it holds no word; give text with letters or digits"),
    ],
)
def test_mistakes_are_told_before_an_engine_is_opened(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    out: str,
    message: str,
) -> None:
    def opened(self: Engine) -> object:
        pytest.fail("an engine was opened")

    monkeypatch.setattr(Engine, "_opened", property(opened))
    (tmp_path / "kept.wav").write_bytes(b"kept")
    assert main(["say", text, "--out", str(tmp_path / out), "--no-clobber"]) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.txt"], "missing.txt: can't be read (No such file or directory); check the path"),
        (
            ["hi", "--formant", "1"],
            "--formant: changes the conversion to a voice; name a voice, or omit it",
        ),
        ([""], "TEXT: it holds no word; give text with letters or digits"),
    ],
)
def test_mistakes_get_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main(["say", *arguments, "--out", str(tmp_path / "x.wav")]) == 1
    assert capsys.readouterr().err == f"autovoice: {message}\n"
    assert list(tmp_path.iterdir()) == []

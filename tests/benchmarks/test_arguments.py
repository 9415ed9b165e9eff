"""What the benchmarks say of arguments that can't be used: one line, and how to go on."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from scripts import scripts_of

from autovoice_core import Audio
from autovoice_core.testing import truth

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(autouse=True)
def benchmarks_are_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Let ``tmp_path`` be the folder that the benchmarks run in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "voice").mkdir()
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "read.txt").write_text("Not a sound.\n")
    sung: Audio = truth.sing(truth.ALTO, 1.0, sample_rate=16_000, seed=1).audio
    sung.save(tmp_path / "voice" / "a_001.flac")
    (tmp_path / "voices.db").touch()  # which is a database that holds nothing
    with scripts_of(FOLDER):
        yield


NO_VOICE = (
    "unknown voice 'nobody': there are none in voices.db yet; "
    "add one with `autovoice voices add NAME FILE...`"
)
CASES = [
    (
        "parallel --strength 7",
        "--strength: 7 is not a number from 0 to 1; 1 sounds like the target",
    ),
    (
        "parallel --backend nope",
        "--backend: backend 'nope', named by the argument, is not among the offers for "
        "conversion: known are reference/retrieval",
    ),
    ("parallel --voices nobody voice", "--voices: nobody is not a folder"),
    ("parallel --voices voice", "--voices: name the folders of two voices or more"),
    ("parallel --sentences 0", "--sentences: 0 is not a whole number of 1 or more"),
    ("parallel --json empty", "--json: empty is a folder; name a file"),
    ("conversion --voices empty", "--voices: empty is empty; name a folder of recordings"),
    (
        "conversion --voices notes",
        "--voices: notes/read.txt: is text, not a sound file; give a recording",
    ),
    ("conversion --sources a.wav", "--sources: a.wav: no such file; check the path"),
    (
        "conversion --picture out/a.png",
        "--picture: out/a.png: there is no folder out; make it first",
    ),
    ("profiles nobody", "FOLDER: nobody is not a folder"),
    ("profiles voice --seconds 5 -1", "--seconds: -1 is not a number of seconds above 0"),
    ("songs --songs voice", "--songs: voice holds no mixture, such as mixture.flac"),
    ("songs --key auto", "--key: auto is not a number of semitones"),
    (
        "songs --key 99",
        "--key: 99 is neither 'auto', 'auto-semitone' nor a number of semitones from -24 to 24",
    ),
    ("pitch --seconds long", "--seconds: long is not a number of seconds above 0"),
    ("pitch --data nowhere", "--data: nowhere is not a folder"),
    (
        "pitch_noise --trackers nope",
        "--trackers: backend 'nope', named by the argument, is not among the offers for pitch: "
        "known are reference/nccf",
    ),
    ("separation --network none", "--network: none is not a file"),
    ("speech --db none", "--db: none is not a file"),
    ("speech --voice nobody --db voices.db", NO_VOICE),
    ("load --db none --voice iona", "--db: none is not a file"),
    ("load --db voices.db --voice nobody", NO_VOICE),
    ("selection --runs none", "--runs: none is not a whole number of 1 or more"),
]


@pytest.mark.parametrize(("line", "message"), CASES, ids=[line for line, _ in CASES])
def test_a_wrong_argument_is_a_usage_error_in_one_line(
    line: str, message: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *given = line.split()
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *given])
    benchmark = pytest.importorskip(name, exc_type=ModuleNotFoundError)  # some need more than core
    with pytest.raises(SystemExit) as ended:
        benchmark.main()
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.replace("error: argument ", "error: ") == f"{name}.py: error: {message}"
    assert ended.value.code == 2

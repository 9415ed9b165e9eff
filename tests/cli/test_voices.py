from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.cli import main
from autovoice_core.testing import truth
from autovoice_core.voices import database

Captured = pytest.CaptureFixture[str]


def voices(*arguments: object) -> int:
    return main(["voices", *map(str, arguments)])


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two recordings of a tenor, 24 s in all."""
    folder = tmp_path_factory.mktemp("takes")
    paths = [folder / "one.wav", folder / "two.flac"]
    for seed, path in enumerate(paths):
        truth.sing(truth.TENOR, seconds=12, sample_rate=16_000, seed=seed).audio.save(path)
    return paths


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, voice: VoiceProfile) -> Path:
    """A home of AutoVoice in which Ada is kept."""
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    VoiceProfileStorage().add(voice)
    return tmp_path / "home"


def names() -> list[str]:
    return [summary.name for summary in VoiceProfileStorage().list()]


def test_a_voice_is_added_from_recordings_and_can_be_shown(
    home: Path, takes: list[Path], capsys: Captured
) -> None:
    options = [
        "--consent",
        "my own",
        "--provenance",
        "at home",
        "--backend",
        "pitch=reference/nccf",
    ]
    assert voices("add", "Édith 👩‍🎤", *takes, takes[0], *options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" (")[0] for line in lines[:2]] == [
        "pitch: reference/nccf",
        "conversion: reference/retrieval",
    ]
    assert lines[2].startswith("added Édith 👩‍🎤: ")
    assert " s voiced of 24.0 s in 2 files, range " in lines[2]

    assert voices("show", "Édith 👩‍🎤", "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["consent"], shown["provenance"]) == ("my own", "at home")
    assert [item["name"] for item in shown["recordings"]] == ["one.wav", "two.flac"]
    assert shown["made_by"][0]["backend"] == "reference/nccf"
    assert shown["feature_id"].startswith("retrieval/")
    assert shown["features"]
    low, median, high = shown["f0_range_hz"]
    assert truth.TENOR.low * 0.97 < low < median < high < truth.TENOR.high * 1.03


def test_what_a_voice_lacks_is_said_when_it_is_added_and_shown(
    home: Path, takes: list[Path], capsys: Captured
) -> None:
    assert voices("add", "short", takes[0], "--keep", "8") == 0
    *_, added, lack = [
        line for line in capsys.readouterr().out.splitlines() if "noise" not in line
    ][:4]
    assert added.startswith("added short: ")
    assert lack.startswith("advice: record 40 s or more, as only ")
    assert lack.endswith(" s are voiced")
    assert voices("show", "short") == 0
    assert lack.removeprefix("advice: ")[:30] in capsys.readouterr().out
    assert voices("show", "short", "--json") == 0
    assert lack.removeprefix("advice: ") in json.loads(capsys.readouterr().out)["missing"]


def test_a_taken_name_is_refused_before_any_work(
    home: Path, capsys: Captured, tmp_path: Path
) -> None:
    # A file that is not there is not even looked at.
    assert voices("add", "Ada", tmp_path / "none.wav") == 1
    assert capsys.readouterr().err == (
        "autovoice: a voice called 'Ada' already exists; "
        "replace it with --replace or choose another name\n"
    )


def test_replacing_makes_the_voice_anew(home: Path, takes: list[Path]) -> None:
    assert voices("add", "Ada", *takes, "--replace") == 0
    assert names() == ["Ada"]
    assert len(VoiceProfileStorage().get("Ada").recordings) == 2


def test_too_little_voice_is_refused(home: Path, tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "short.wav"
    truth.sing(truth.TENOR, seconds=4, sample_rate=16_000).audio.save(path)
    assert voices("add", "short", path) == 1
    line = capsys.readouterr().err
    assert line.startswith("autovoice: recordings: only ")
    assert line.endswith(
        " s of voiced sound were found in 1 recording; a voice needs at least 8 s, "
        "so add recordings of the voice alone\n"
    )
    assert names() == ["Ada"]


def test_a_file_that_is_missing_is_named(home: Path, tmp_path: Path, capsys: Captured) -> None:
    assert voices("add", "new", tmp_path / "none.wav") == 1
    assert capsys.readouterr().err == (
        f"autovoice: {tmp_path / 'none.wav'}: no such file; check the path\n"
    )


def test_adding_nothing_is_a_usage_error(home: Path, capsys: Captured) -> None:
    assert voices("add", "new") == 2
    assert "Missing argument 'FILE...'" in capsys.readouterr().err


def test_how_a_voice_is_sung_in_is_set_and_shown(home: Path, capsys: Captured) -> None:
    assert voices("set", "Ada", "--formant", "-1", "--breath", "soften", "--key", "-12") == 0
    assert voices("set", "Ada", "--key", "auto") == 0
    assert capsys.readouterr().out.splitlines() == [
        "style of Ada: key -12, formant -1, breath soften",
        "style of Ada: formant -1, breath soften",
    ]
    assert voices("show", "Ada", "--json") == 0
    assert json.loads(capsys.readouterr().out)["style"] == {
        "key": "auto",
        "formant": -1.0,
        "strength": 1.0,
        "breath": "soften",
        "vibrato": 1.0,
        "seed": 0,
    }
    assert voices("set", "Ada", "--formant", "0", "--breath", "keep") == 0
    assert capsys.readouterr().out == "style of Ada: the defaults\n"


def test_setting_nothing_is_a_usage_error(home: Path, capsys: Captured) -> None:
    assert voices("set", "Ada") == 2
    assert "nothing to set; try `autovoice voices set --help`" in capsys.readouterr().err


def test_the_list_is_a_table_or_json(home: Path, voice: VoiceProfile, capsys: Captured) -> None:
    assert voices("list") == 0
    heading, row = capsys.readouterr().out.splitlines()
    assert heading.split() == ["name", "range", "median", "voiced", "loudness", "files", "features"]
    assert row.split()[0] == "Ada"
    assert voices("list", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert listed["name"] == "Ada"
    assert listed["f0_range_hz"] == list(voice.f0_range)
    assert listed["recordings"] == 1
    assert listed["bytes"] > 500


def test_an_empty_list_says_what_to_do(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "none.db"
    assert voices("list", "--db", path) == 0
    assert capsys.readouterr().out == (
        f"no voices in {path}; add one with `autovoice voices add NAME FILE...`\n"
    )
    assert voices("list", "--db", path, "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert not path.exists()


def test_an_empty_list_does_not_invite_to_add_where_none_can_be(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_may_write", lambda folder: folder != tmp_path)
    assert voices("list", "--db", tmp_path / "a.db") == 0
    assert capsys.readouterr().out == (
        f"no voices; {tmp_path / 'a.db'}: can't be made (Permission denied); "
        "choose another place with AUTOVOICE_HOME or --db\n"
    )


def test_a_name_is_no_markup(home: Path, capsys: Captured) -> None:
    assert voices("rename", "Ada", "[red]Ada[/red]") == 0
    assert capsys.readouterr().out == "renamed Ada to [red]Ada[/red]\n"
    assert voices("list") == 0
    assert "[red]Ada[/red]" in capsys.readouterr().out
    assert voices("show", "[red]Ada[/red]") == 0
    assert "[red]Ada[/red]" in capsys.readouterr().out


def test_show_tells_what_is_known(home: Path, capsys: Captured) -> None:
    assert voices("show", "Ada") == 0
    labels = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert {"name", "range", "consent", "provenance", "created", "recording"} <= set(labels)


def test_an_unknown_voice_is_answered_with_the_nearest(home: Path, capsys: Captured) -> None:
    for arguments in (["show", "ada"], ["rename", "ada", "x"], ["remove", "ada", "--yes"]):
        assert voices(*arguments) == 1
        assert capsys.readouterr().err == "autovoice: unknown voice 'ada'; did you mean 'Ada'?\n"


def test_a_voice_is_removed_once_it_is_confirmed(
    home: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for answer in ("n\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        assert voices("remove", "Ada") == 1
        told = "delete Ada for good? (--yes skips this question) [y/N]: \nAda was not deleted\n"
        assert capsys.readouterr().err == told
        assert names() == ["Ada"]
    assert voices("remove", "Ada", "--yes") == 0
    assert capsys.readouterr().out == "removed Ada\n"
    assert names() == []


def test_a_voice_travels_to_another_machine(
    home: Path, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ada.voice"
    assert voices("export", "Ada", file) == 0
    assert capsys.readouterr().out == f"wrote {file}\n"
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "elsewhere"))
    assert voices("import", file) == 0
    assert voices("import", file) == 1
    assert "already exists" in capsys.readouterr().err
    assert voices("import", file, "--replace") == 0
    assert voices("import", file, "--name", "عائشة") == 0
    assert capsys.readouterr().out == "added Ada\nadded عائشة\n"
    assert names() == ["Ada", "عائشة"]


def test_a_text_is_no_voice(home: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "notes.voice"
    file.write_text("la la la")
    assert voices("import", file) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {file}: not a voice written by AutoVoice; "
        "export one with `autovoice voices export NAME FILE`\n"
    )

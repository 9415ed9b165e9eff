"""``autovoice voices add --rvc``: voices that RVC trained."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from trained_voices import ABOUT, trained_voices

from autovoice_core import Audio, VoiceProfileStorage
from autovoice_core.cli import main
from autovoice_core.testing import truth

Captured = pytest.CaptureFixture[str]
TRACKER = ("--backend", "pitch=reference/nccf")


def voices(*arguments: object) -> int:
    return main(["voices", *map(str, arguments)])


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A model, where the plugin is installed and no voice is kept yet."""
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    (tmp_path / "of").mkdir()
    (tmp_path / "of" / "ana.index").write_bytes(b"vectors")
    path = tmp_path / "ana.pth"
    path.write_bytes(b"weights")
    with trained_voices():
        yield path


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("takes") / "take.wav"
    truth.sing(truth.ALTO, seconds=12, sample_rate=16_000, seed=4).audio.save(path)
    return path


def rows(text: str) -> dict[str, list[str]]:
    """Return the rows of a table, by label; one without a label belongs to that above."""
    found: dict[str, list[str]] = {}
    label = ""
    for line in text.splitlines():
        label = line[:12].strip() or label
        found.setdefault(label, []).append(line[12:].strip())
    return found


def test_a_voice_is_added_with_its_range_and_shown(model: Path, capsys: Captured) -> None:
    arguments = ("--rvc", model, "--range", "A2:E4", "--consent", "hers", "--provenance", "a gift")
    assert voices("add", "ana", *arguments) == 0
    assert capsys.readouterr().out == (
        "added ana: rvc/2, range A2 to E4 (110 to 330 Hz)\nits files: model: ana.pth\n"
    )
    assert voices("show", "ana") == 0
    shown = rows(capsys.readouterr().out)
    assert shown["f0"] == ["110, 190, 330 Hz (5th, 50th, 95th percentile)"]
    assert shown["features"] == ["rvc/2, 1 arrays, 0.0 MB"]
    assert shown["consent"] == ["hers"]
    assert shown["provenance"] == ["a gift", *ABOUT.splitlines()]
    assert not {"advice", "recording", "loudness", "voiced", "embedding"} & set(shown)
    assert voices("list") == 0
    assert capsys.readouterr().out.splitlines()[1].split() == [
        *("ana", "A2", "to", "E4", "F♯3", "0", "rvc/2")
    ]
    for command in (("show", "ana", "--json"), ("list", "--json")):
        assert voices(*command) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told[0] if "list" in command else told)["loudness_lufs"] is None


def test_its_index_may_be_given(model: Path, capsys: Captured) -> None:
    index = model.parent / "of" / "ana.index"
    assert voices("add", "ana", "--rvc", model, "--index", index, "--range", "110:E4") == 0
    voice = VoiceProfileStorage().get("ana")
    assert voice.provenance == f"{ABOUT}\nindex: ana.index"
    assert not capsys.readouterr().err
    assert [round(hertz) for hertz in voice.f0_range] == [110, 190, 330]


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        (("old.index",), "old.index"),
        (("added_ana.index", "added_eva.index", "trained_ana.index"), "added_ana.index and 1 more"),
        (("added_eva.index", "added_Ana.index"), "added_Ana.index and 1 more"),
    ],
)
def test_an_index_beside_the_model_is_not_used_and_this_is_said(
    model: Path, capsys: Captured, beside: tuple[str, ...], told: str
) -> None:
    for name in beside:
        (model.parent / name).touch()
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    first = model.parent / told.partition(" ")[0]
    assert capsys.readouterr().err == (
        f"autovoice: warning: {model}: the index beside it is not used ({told}); if it belongs to "
        f"this voice, add the voice again with --index {first} --replace\n"
    )


@pytest.mark.parametrize(
    ("given", "beside"),
    [("ana.pth", "trained_ana.index"), ("ana.zip", "ana.index"), ("shared", "ana.index")],
)
def test_nothing_is_said_of_an_index_that_is_of_no_use_or_is_found(
    model: Path, capsys: Captured, given: str, beside: str
) -> None:
    (model.parent / "ana.zip").write_bytes(b"PK")
    (model.parent / "shared").mkdir()
    (model.parent / beside).touch()
    assert voices("add", "ana", "--rvc", model.parent / given, "--range", "A2:E4") == 0
    assert not capsys.readouterr().err


def test_settings_are_not_kept_for_a_converter_that_does_not_read_the_voice(
    model: Path, capsys: Captured
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    named = ("--backend", "conversion=rvc/v1")
    assert voices("set", "ana", *named, "--set", "conversion.protect=0.2") == 1
    assert capsys.readouterr().err == (
        "autovoice: rvc/v1, named by the option --backend, reads rvc/1, but 'ana' holds features "
        "of rvc/2, so the setting would have no effect; name a converter that reads those, or "
        "none\n"
    )
    assert not VoiceProfileStorage().get("ana").settings


def test_recordings_tell_the_range(model: Path, take: Path, capsys: Captured) -> None:
    assert voices("add", "ana", take, "--rvc", model, *TRACKER, "--keep-audio") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("pitch: reference/nccf (reference-backend 1.0) on cpu")
    assert lines[1].startswith("added ana: 10.0 s voiced of 12.0 s in 1 file, range G♯3 to E5, ")
    voice = VoiceProfileStorage().get("ana")
    assert voice.feature_ids == ("rvc/2",)
    assert [recording.name for recording in voice.recordings] == ["take.wav"]
    assert VoiceProfileStorage().summary("ana").keeps_audio


def test_recordings_give_no_advice(model: Path, take: Path, capsys: Captured) -> None:
    assert voices("add", "ana", take, "--rvc", model, *TRACKER) == 0
    assert voices("show", "ana") == 0
    shown = capsys.readouterr().out
    assert "advice" not in shown
    assert "embedding   resemblyzer 0.1.4" in shown


def test_all_kinds_of_features_are_listed(model: Path, take: Path, capsys: Captured) -> None:
    assert voices("add", "ana", take, "--rvc", model, *TRACKER) == 0
    assert voices("learn", "ana", take, *TRACKER) == 0
    capsys.readouterr()
    assert voices("list") == 0
    assert capsys.readouterr().out.splitlines()[1].rstrip().endswith("  rvc/2, retrieval/1")
    assert voices("list", "--json") == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["feature_id"], told["feature_ids"]) == ("rvc/2", ["rvc/2", "retrieval/1"])


def test_a_voice_without_recordings_learns_nothing(model: Path, capsys: Captured) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    assert voices("learn", "ana", "--backend", "conversion=reference/retrieval") == 1
    assert capsys.readouterr().err == (
        "autovoice: recordings: 'ana' was made from none, so no other converter can learn it; make "
        "a voice of another name from recordings\n"
    )


@pytest.mark.parametrize("name", ["ana.pth", "ANA.ZIP", "ana.safetensors"])
def test_importing_a_trained_voice_points_to_where_it_is_added(
    tmp_path: Path, capsys: Captured, name: str
) -> None:
    (tmp_path / name).write_bytes(b"something")
    assert voices("import", tmp_path / name) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {tmp_path / name}: not a voice written by AutoVoice; a voice that RVC trained "
        "is added by `autovoice voices add NAME --rvc FILE`\n"
    )


def test_a_voice_that_is_there_stays_unless_it_is_replaced(model: Path, capsys: Captured) -> None:
    arguments = ("add", "ana", "--rvc", model, "--range", "A2:E4")
    assert voices(*arguments) == 0
    assert voices(*arguments) == 1
    assert "a voice called 'ana' already exists" in capsys.readouterr().err
    assert voices(*arguments, "--replace") == 0


def test_what_the_voice_is_chooses_the_converter(
    model: Path, take: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    result = tmp_path / "sung.wav"
    arguments = ("convert", take, "--voice", "ana", "--vocals-only", "--out", result, *TRACKER)
    assert main([*map(str, arguments)]) == 0
    assert "conversion: rvc/v2 (autovoice-rvc 1.0) on cpu" in capsys.readouterr().out
    assert Audio.load(result).frames == 12 * 16_000

"""``autovoice voices add --rvc``: voices that RVC trained."""

from __future__ import annotations

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
    (tmp_path / "ana.index").touch()
    path = tmp_path / "ana.pth"
    path.touch()
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
    assert capsys.readouterr().out == "added ana: rvc/2, range A2 to E4\n"
    assert voices("show", "ana") == 0
    shown = rows(capsys.readouterr().out)
    assert shown["f0"] == ["110, 190, 330 Hz (5th, 50th, 95th percentile)"]
    assert shown["features"] == ["rvc/2, 1 arrays, 0.0 MB"]
    assert shown["consent"] == ["hers"]
    assert shown["provenance"] == ["a gift", *ABOUT.splitlines()]
    assert "advice" not in shown
    assert "recording" not in shown


def test_its_index_may_be_given(model: Path) -> None:
    index = model.with_suffix(".index")
    assert voices("add", "ana", "--rvc", model, "--index", index, "--range", "45:64") == 0
    voice = VoiceProfileStorage().get("ana")
    assert voice.provenance == f"{ABOUT}\nindex: ana.index"
    assert [round(hertz) for hertz in voice.f0_range] == [110, 190, 330]


def test_recordings_tell_the_range(model: Path, take: Path, capsys: Captured) -> None:
    assert voices("add", "ana", take, "--rvc", model, *TRACKER, "--keep-audio") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("pitch: reference/nccf (reference-backend 1.0) on cpu")
    assert lines[1].startswith("added ana: 10.0 s voiced of 12.0 s in 1 file, range G♯3 to E5, ")
    voice = VoiceProfileStorage().get("ana")
    assert voice.feature_ids == ("rvc/2",)
    assert [recording.name for recording in voice.recordings] == ["take.wav"]
    assert VoiceProfileStorage().summary("ana").keeps_audio


def test_a_voice_that_is_there_stays_unless_it_is_replaced(model: Path, capsys: Captured) -> None:
    arguments = ("add", "ana", "--rvc", model, "--range", "A2:E4")
    assert voices(*arguments) == 0
    assert voices(*arguments) == 1
    assert "a voice called 'ana' already exists" in capsys.readouterr().err
    assert voices(*arguments, "--replace") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Missing argument 'FILE...', or --rvc."),
        (
            ("take.wav", "--range", "A2:E4"),
            "--index and --range are for a voice of --rvc; omit them",
        ),
        (
            ("take.wav", "--index", "ana.index"),
            "--index and --range are for a voice of --rvc; omit them",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:E4", "--keep", "60"),
            "--keep is for a voice made from recordings; omit it",
        ),
        (
            ("--rvc", "ana.pth"),
            "a voice of RVC does not say how high it sings; give FILE, a recording of it, or its "
            "lowest and highest usual note: --range A2:E4",
        ),
        (
            ("take.wav", "--rvc", "ana.pth", "--range", "A2:E4"),
            "FILE tells the range of the voice; omit --range",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2"),
            "Invalid value for '--range': 'A2' is not two notes; write for example A2:E4",
        ),
        (
            ("--rvc", "ana.pth", "--range", "E4:A2"),
            "Invalid value for '--range': 'E4:A2' goes down; write the lower note first",
        ),
        (
            ("--rvc", "ana.pth", "--range", "H2:E4"),
            "Invalid value for '--range': LOW: 'H2' is no note; write for example A4, F#3 or 69",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:"),
            "Invalid value for '--range': HIGH: '' is no note; write for example A4, F#3 or 69",
        ),
    ],
)
def test_a_usage_that_makes_no_sense_is_refused(
    capsys: Captured, arguments: tuple[str, ...], message: str
) -> None:
    assert voices("add", "ana", *arguments) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"Error: {message}"
    assert not VoiceProfileStorage().list()


def test_what_the_voice_is_chooses_the_converter(
    model: Path, take: Path, tmp_path: Path, capsys: Captured
) -> None:
    assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    result = tmp_path / "sung.wav"
    arguments = ("convert", take, "--voice", "ana", "--vocals-only", "--out", result, *TRACKER)
    assert main([*map(str, arguments)]) == 0
    assert "conversion: rvc/v2 (autovoice-rvc 1.0) on cpu" in capsys.readouterr().out
    assert Audio.load(result).frames == 12 * 16_000

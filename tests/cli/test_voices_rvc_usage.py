"""``autovoice voices add --rvc`` refuses what makes no sense, in the words of what was typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from trained_voices import trained_voices

from autovoice_core import VoiceProfileStorage
from autovoice_core.cli import main

NOT_TWO = "is not two notes; write for example A2:E4, or 110:330 in Hz"
OWN_CONVERTER = (
    "a voice of --rvc is sung by the converter that reads it; omit --backend and --set of "
    "conversion (`autovoice voices set` keeps settings)"
)


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
            f"Invalid value for '--range': 'A2' {NOT_TWO}",
        ),
        (
            ("--rvc", "ana.pth", "--range", "E4:A2"),
            "Invalid value for '--range': 'E4:A2' goes down; give the lower note first",
        ),
        (
            ("--rvc", "ana.pth", "--range", "587:196"),
            "Invalid value for '--range': '587:196' goes down; give the lower note first",
        ),
        (
            ("--rvc", "ana.pth", "--range", "E4:196"),
            "Invalid value for '--range': 'E4:196' goes down; give the lower note first",
        ),
        (
            ("--rvc", "ana.pth", "--range", "G3:G3"),
            "Invalid value for '--range': 'G3:G3' is one note; give the lowest and the highest "
            "usual note",
        ),
        (
            ("--rvc", "ana.pth", "--range", "C0:C9"),
            "Invalid value for '--range': 'C0:C9' goes beyond what voices sing, 20 to 4000 Hz "
            "(E0 to B7); give the lowest and the highest usual note",
        ),
        (
            ("--rvc", "ana.pth", "--range", "H2:E4"),
            f"Invalid value for '--range': 'H2:E4' {NOT_TWO}",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:"),
            f"Invalid value for '--range': 'A2:' {NOT_TWO}",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:B9999"),
            f"Invalid value for '--range': 'A2:B9999' {NOT_TWO}",
        ),
        (
            ("--rvc", "ana.pth", "--range", "1:2:3"),
            f"Invalid value for '--range': '1:2:3' {NOT_TWO}",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:E4", "--backend", "conversion=reference/retrieval"),
            OWN_CONVERTER,
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:E4", "--set", "conversion.index_rate=0.5"),
            OWN_CONVERTER,
        ),
        (
            ("ana.pth",),
            "ana.pth is no recording; a voice that RVC trained is added by --rvc ana.pth",
        ),
        (
            ("ANA.ZIP", "--index", "ana.index"),
            "ANA.ZIP is no recording; a voice that RVC trained is added by --rvc ANA.ZIP",
        ),
        (
            ("--rvc", "ana.pth", "ana.index"),
            "ana.index is no recording; a voice that RVC trained is added by "
            "--rvc ana.pth --index ana.index",
        ),
        (
            ("ana.index",),
            "ana.index is no recording; a voice that RVC trained is added by "
            "--rvc MODEL --index ana.index",
        ),
        (
            ("--rvc", "ana.pth", "old.pth"),
            "old.pth is a second model, but a voice has one; omit it, or add it as another voice",
        ),
        (
            ("--rvc", "ana.pth", "--range", "A2:E4", "--keep-audio"),
            "--keep-audio: there are no recordings to keep; omit it",
        ),
        (
            ("shared",),
            "shared holds ana.pth, which is no recording; a voice that RVC trained is added by "
            "--rvc shared",
        ),
    ],
)
def test_a_usage_that_makes_no_sense_is_refused(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "ana.pth").touch()
    with trained_voices():
        assert main(["voices", "add", "ana", *arguments]) == 2
    assert capsys.readouterr().err.splitlines()[-1] == f"Error: {message}"
    assert not VoiceProfileStorage().list()

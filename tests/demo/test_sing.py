from __future__ import annotations

import json
import struct
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import NoBackend, PitchTrack
from autovoice_core.backends.need import Need
from autovoice_core.demo import Demo, run_sung_demo
from autovoice_core.demo.sung_line import LINE, SungSyllable, lyrics_of, notes_of
from autovoice_core.demo.sung_measurements import note_errors
from autovoice_core.speech.score import ScoreNote

# The engine of these tests knows no syllables: each of its letters that is a vowel is one.
SPELT = (
    SungSyllable("me-", 60),
    SungSyllable("lo", 62, beats=1.25, rest=0.75),
    SungSyllable("so", 64, beats=2.0),
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("autovoice_core.demo.sing.LINE", SPELT)
        patch.setattr("autovoice_core.demo.second_voice.TAKES", 1)
        return run_sung_demo(tmp_path_factory.mktemp("demo") / "sung")


def figure(demo: Demo, stage: str, what: str) -> float:
    (value,) = (each.value for each in demo.measured if (each.stage, each.what) == (stage, what))
    assert value is not None
    return value


def test_all_named_files_are_there(demo: Demo) -> None:
    names = {str(path.relative_to(demo.folder)) for path in demo.files}
    assert names == {
        "demo.png",
        "report.html",
        "before.wav",
        "after.wav",
        "voice/take1.wav",
        "measured.md",
        "measured.json",
    }
    assert all(path.stat().st_size for path in demo.files)


def test_the_line_is_sung_on_its_notes_in_both_voices(demo: Demo) -> None:
    for stage in ("singing", "conversion"):
        assert figure(demo, stage, "f0 off the notes, median") < 10
        assert figure(demo, stage, "held notes off by over 50 cents") < 5
    assert figure(demo, "song", "length") > 0
    assert [made.operation for made in demo.made_by] == ["speech", "conversion"]


def test_the_picture_and_the_table_are_those_of_this_demo(demo: Demo) -> None:
    data = (demo.folder / "demo.png").read_bytes()
    assert struct.unpack(">II", data[16:24]) == (1320, 1100)
    found = json.loads((demo.folder / "measured.json").read_text())
    assert list(found["seconds"]) == [
        "singing",
        "voice profile",
        "conversion",
        "measuring",
        "picture",
    ]


def test_the_line_has_a_note_for_each_syllable_and_a_rest_to_breathe_in() -> None:
    notes = notes_of(LINE)
    assert lyrics_of(LINE) == "Twin-kle twin-kle lit-tle star how I won-der what you are"
    assert [note.bar for note in notes] == [1] * 4 + [2] * 3 + [3] * 4 + [4] * 3
    rests = [later.start - one.end for one, later in pairwise(notes)]
    assert rests == pytest.approx([0.0] * 6 + [0.6] + [0.0] * 6)


def test_errors_of_notes_are_those_of_held_frames() -> None:
    f0 = np.where(np.arange(100) < 50, 440 * 2 ** (60 / 1200), 440.0)
    voiced = np.arange(100) < 90
    track = PitchTrack(f0, voiced, voiced.astype(np.float32), 0.01)
    sharp, exact = ScoreNote(0.0, 0.5, 69), ScoreNote(0.5, 1.0, 69)
    assert note_errors(track, [sharp]) == pytest.approx((60.0, 100.0))
    assert note_errors(track, [exact]) == pytest.approx((0.0, 0.0))
    assert note_errors(track, [ScoreNote(2.0, 2.5, 69)]) == (None, None)


def test_without_an_engine_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(NoBackend, match=r"^no backend serves speech on gaudi"):
        run_sung_demo(tmp_path / "new", need=Need(devices=("gaudi",)))
    assert not (tmp_path / "new").exists()

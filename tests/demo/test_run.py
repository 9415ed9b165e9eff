from __future__ import annotations

import importlib.util
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import AutoVoiceWarning, InputError
from autovoice_core.audio.reading import AudioFile
from autovoice_core.demo import Demo, run_demo
from autovoice_core.demo.run import SEED, SINGER
from autovoice_core.demo.second_voice import TARGET_SINGER
from autovoice_core.synthetic import truth

SECONDS = 5.0


@pytest.fixture(scope="module")
def reported() -> list[tuple[str, float]]:
    return []


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, reported: list[tuple[str, float]]) -> Demo:
    folder = tmp_path_factory.mktemp("demo") / "new" / "autovoice-demo"
    return run_demo(
        folder, seconds=SECONDS, progress=lambda stage, done: reported.append((stage, done))
    )


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
        "stems/vocals.flac",
        "stems/accompaniment.flac",
        "stems/converted.flac",
        "voice/take1.wav",
        "voice/take2.wav",
        "voice/take3.wav",
        "measured.md",
        "measured.json",
    }
    assert all(path.stat().st_size for path in demo.files)
    assert sum(path.is_file() for path in demo.folder.rglob("*")) == len(names)


def test_a_folder_with_files_is_kept_on_request(tmp_path: Path) -> None:
    (tmp_path / "before.wav").write_text("mine")
    with pytest.raises(InputError) as caught:
        run_demo(tmp_path, overwrite=False)
    assert str(caught.value) == (
        f"{tmp_path}: holds files, and overwrite=False was given; choose another"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["before.wav"]


def test_the_song_is_as_long_after_as_before(demo: Demo) -> None:
    files = [AudioFile(demo.folder / name) for name in ("before.wav", "after.wav")]
    assert [file.frames for file in files] == [220_500, 220_500]
    assert [file.channels for file in files] == [2, 2]


def test_the_figures_are_those_of_a_chain_that_works(demo: Demo) -> None:
    separated = next(f for f in demo.measured if f.what == "SDR of the vocals")
    assert separated.value is not None
    assert separated.compare is not None
    assert separated.value > separated.compare + 4
    for stage in ("pitch", "conversion"):
        assert figure(demo, stage, "median f0 error") < 10
        assert figure(demo, stage, "f0 off by over 50 cents") < 15
        assert figure(demo, stage, "voicing, recall") > 85
    assert figure(demo, "conversion", "key, moved by") % 12 == 0
    assert figure(demo, "song", "length") == 220_500
    loud = next(f for f in demo.measured if f.what == "loudness of the vocals")
    assert loud.value == pytest.approx(loud.compare, abs=0.5)


def test_backends_and_durations_are_in_the_result(demo: Demo) -> None:
    assert [made.operation for made in demo.made_by] == ["separation", "pitch", "conversion"]
    assert list(demo.seconds) == [
        "synthesis",
        "voice profile",
        "separation",
        "pitch",
        "conversion",
        "remix",
        "report",
        "measuring",
        "picture",
    ]
    assert all(value > 0 for value in demo.seconds.values())


def test_progress_rises_from_0_to_1(demo: Demo, reported: list[tuple[str, float]]) -> None:
    fractions = [fraction for _, fraction in reported]
    assert fractions == sorted(fractions)
    assert fractions[0] == 0
    assert fractions[-1] == pytest.approx(1)
    assert list(dict.fromkeys(stage for stage, _ in reported)) == [
        "song",
        "voice",
        "convert",
        "measure",
        "picture",
    ]


def test_the_json_holds_the_figures(demo: Demo) -> None:
    found = json.loads((demo.folder / "measured.json").read_text())
    assert len(found["measured"]) == len(demo.measured)
    assert found["measured"][0]["value"] == demo.measured[0].value
    assert set(found["seconds"]) == set(demo.seconds)
    assert found["made_by"][1]["operation"] == "pitch"
    assert found["files"][:3] == ["demo.png", "report.html", "before.wav"]


def test_the_table_for_people_holds_them_too(demo: Demo) -> None:
    lines = (demo.folder / "measured.md").read_text().splitlines()
    first = demo.measured[0]
    assert lines[2] == (
        f"| separation | SDR of the vocals | {first.value:.1f} dB | {first.compare:.1f} dB |"
    )
    assert lines[-1] == f"- {demo.made_by[-1]}"


def test_the_picture_is_a_png_with_something_in_it(demo: Demo) -> None:
    data = (demo.folder / "demo.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24]) == (1320, 1100)
    assert len(data) > 100_000


def test_the_score_for_the_target_singer_is_that_of_the_song(demo: Demo) -> None:
    score = truth.compose(3.0, low=SINGER.low, high=SINGER.high, seed=SEED)
    again = truth.sing(SINGER, score=score, hop=0.01)
    song = truth.song(3.0, seed=SEED, singer=SINGER)
    np.testing.assert_array_equal(again.pitch.f0, song.pitch.f0)
    assert TARGET_SINGER is not SINGER


def test_without_matplotlib_only_the_picture_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = importlib.util.find_spec
    monkeypatch.setattr(
        "autovoice_core.demo.panels.find_spec",
        lambda name: None if name == "matplotlib" else there(name),
    )
    monkeypatch.setattr("autovoice_core.demo.second_voice.TAKES", 1)
    with pytest.warns(AutoVoiceWarning) as caught:
        demo = run_demo(tmp_path, seconds=5)
    assert str(caught[0].message) == (
        "the picture was left out: drawing needs matplotlib; install it with "
        "`pip install 'autovoice-core[plot]'`"
    )
    assert not (tmp_path / "demo.png").exists()
    assert (tmp_path / "after.wav") in demo.files


def test_a_length_out_of_range_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run_demo(tmp_path, seconds=601)
    assert str(caught.value) == "seconds: 601 is outside 5 to 600; 20 is usual"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError) as caught:
        run_demo(tmp_path / "file" / "demo")
    assert str(caught.value) == (
        f"{tmp_path / 'file' / 'demo'}: the folder can't be made ({tmp_path / 'file'} is a file); "
        "choose another"
    )

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import InputError, PitchTrack, Provenance
from autovoice_core.pitch.files import write_csv, write_json
from autovoice_core.pitch.plot import write_plot

MADE = Provenance("pitch", "cpu/nccf", "autovoice-cpu 0.1.0", "cpu", "float32")


def example(frames: int = 200) -> PitchTrack:
    f0 = 220 * 2 ** np.sin(np.arange(frames) / 30)
    f0[:10] = 0
    voiced = f0 > 0
    return PitchTrack(f0, voiced, np.where(voiced, 0.9, 0.1).astype(np.float32), 0.01, 0.0, (MADE,))


def test_the_table_holds_the_track(tmp_path: Path) -> None:
    track = example()
    write_csv(track, tmp_path / "f0.csv")
    with (tmp_path / "f0.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["time_s", "f0_hz", "voiced", "confidence"]
    np.testing.assert_allclose([float(row["time_s"]) for row in rows], track.times, atol=1e-6)
    np.testing.assert_allclose([float(row["f0_hz"]) for row in rows], track.f0, atol=1e-4)
    assert [row["voiced"] == "1" for row in rows] == track.voiced.tolist()
    assert rows[0]["confidence"] == "0.1000"


def test_json_holds_the_track_and_what_made_it(tmp_path: Path) -> None:
    track = example()
    write_json(track, tmp_path / "f0.json")
    data = json.loads((tmp_path / "f0.json").read_text(encoding="utf-8"))
    assert data["made_by"] == [str(MADE)]
    assert (data["hop_s"], data["start_s"]) == (0.01, 0.0)
    np.testing.assert_allclose(data["f0_hz"], track.f0, atol=1e-4)
    assert data["voiced"] == track.voiced.tolist()
    assert data["confidence"][0] == 0.1


@pytest.mark.parametrize("frames", [1, 10, 200, 20000])
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_picture_is_drawn(tmp_path: Path, frames: int, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / f"f0{suffix}"
    write_plot(example(frames), path, title="A song")
    head = path.read_bytes()[:8]
    assert head == b"\x89PNG\r\n\x1a\n" if suffix == ".png" else head.startswith(b"<?xml")
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


def test_a_suffix_that_is_not_a_picture_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "f0.csv"
    with pytest.raises(InputError) as refusal:
        write_plot(example(), path)
    assert str(refusal.value) == (
        f"{path}: the suffix is not a picture format; use .png, .svg or .pdf"
    )
    assert not list(tmp_path.iterdir())


def test_without_matplotlib_the_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    with pytest.raises(InputError) as refusal:
        write_plot(example(), tmp_path / "f0.png")
    assert str(refusal.value) == (
        f"{tmp_path / 'f0.png'}: drawing needs matplotlib; install it with "
        "`pip install 'autovoice-core[plot]'`"
    )


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, write: object) -> None:
    path = tmp_path / "nowhere" / "f0"
    with pytest.raises(InputError) as refusal:
        write(example(), path)  # type: ignore[operator]
    assert str(refusal.value) == (f"{path}: the folder {path.parent} does not exist; make it first")

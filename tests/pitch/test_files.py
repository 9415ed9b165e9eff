from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest
from attrs import evolve

from autovoice_core import InputError, PitchTrack, Provenance
from autovoice_core.pitch.files import write_csv, write_json

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


@pytest.mark.parametrize(
    ("suffix", "head"),
    [
        (".csv", b"time_s,f0_hz"),
        (".json", b'{"hop_s": 0.01'),
        (".npz", b"PK"),
        (".mid", b"MThd"),
        (".PNG", b"\x89PNG"),
        (".svg", b"<?xml"),
        (".pdf", b"%PDF"),
    ],
)
def test_the_suffix_names_the_format(tmp_path: Path, suffix: str, head: bytes) -> None:
    pytest.importorskip("matplotlib")
    pytest.importorskip("mido")
    path = tmp_path / f"f0{suffix}"
    example().save(os.fsencode(path))
    assert path.read_bytes().startswith(head)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("f0.wav", "the suffix '.wav' is not one of a pitch track; use"),
        ("f0", "has no suffix; add one of"),
    ],
)
def test_a_suffix_of_another_kind_is_refused(tmp_path: Path, name: str, reason: str) -> None:
    with pytest.raises(InputError) as refusal:
        example().save(tmp_path / name)
    assert str(refusal.value) == (
        f"{tmp_path / name}: {reason} .csv, .json, .npz, .mid, .midi, .png, .svg, .pdf"
    )


def test_arrays_of_numpy_make_the_same_track_again(tmp_path: Path) -> None:
    track = example()
    track.save(tmp_path / "f0.npz")
    with np.load(tmp_path / "f0.npz", allow_pickle=False) as saved:
        again = PitchTrack(*(saved[name] for name in ("f0", "voiced", "confidence", "hop")))
        assert saved["made_by"].tolist() == [str(MADE)]
    assert evolve(again, made_by=track.made_by) == track


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_a_folder_that_is_not_there_is_named(tmp_path: Path, write: object) -> None:
    path = tmp_path / "nowhere" / "f0"
    with pytest.raises(InputError) as refusal:
        write(example(), path)  # type: ignore[operator]
    assert str(refusal.value) == (f"{path}: the folder {path.parent} does not exist; make it first")

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio, Need, VocalSeparator
from autovoice_core.audio.reading import AudioFile
from autovoice_core.cli import main
from autovoice_core.testing import truth


def separate(song: Path, out: Path, *more: str) -> int:
    return main(["separate", str(song), "--out", str(out), *more])


def test_it_leaves_two_stems_that_add_up_to_the_song(
    song_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "stems"
    assert separate(song_file, out) == 0
    stems = [out / "vocals.flac", out / "accompaniment.flac"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("separation: reference/wrpca (reference-backend ")
    assert lines[1].startswith("separated in ")
    assert lines[2:] == [f"wrote {path}" for path in stems]
    assert sorted(out.iterdir()) == sorted(stems)
    total = sum(Audio.load(path).numpy() for path in stems)
    np.testing.assert_allclose(total, Audio.load(song_file).numpy(), atol=1e-6)
    assert AudioFile(stems[0]).sample_rate == AudioFile(song_file).sample_rate


def test_json_is_for_scripts(
    song_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--json", "--format", "wav", "--backend", "separation=reference/wrpca"]
    assert separate(song_file, tmp_path, *options) == 0
    report = json.loads(capsys.readouterr().out)
    names = [Path(path).name for path in report["stems"]]
    assert names == ["vocals.wav", "accompaniment.wav"]
    assert report["made_by"]["backend"] == "reference/wrpca"
    assert report["gain_db"] == 0
    assert list(report["seconds"]) == ["separation", "writing"]
    assert report["figures"] == {}
    assert AudioFile(report["stems"][0]).format == "WAV"


def test_a_stem_over_full_scale_is_turned_down_with_the_other_and_said_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song, out = tmp_path / "square.wav", tmp_path / "out"
    time = np.arange(16_000) / 8000
    samples = np.sign(np.sin(2 * np.pi * (300 + 40 * time) * time)).astype(np.float32)
    Audio(0.99 * samples[None], 8000).save(song)
    assert separate(song, out) == 0
    stems = [Audio.load(out / f"{name}.flac").numpy() for name in ("vocals", "accompaniment")]
    assert max(np.abs(stem).max() for stem in stems) <= 1.0
    line = capsys.readouterr().out.splitlines()[1]
    assert line.startswith("turned down by ")
    assert line.endswith(" dB to keep the peak under full scale")
    gain = 10 ** (-float(line.split()[3]) / 20)
    np.testing.assert_allclose(sum(stems), gain * 0.99 * samples[None], atol=0.01)


def test_stems_are_not_written_over_the_song(
    song_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    song = song_file.rename(tmp_path / "vocals.flac")
    before = song.read_bytes()
    assert separate(song, tmp_path) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {song}: is the song itself; choose another folder\n"
    )
    assert song.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_refused(
    song_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "stems"
    assert separate(song_file, out) == 1
    assert capsys.readouterr().err == (
        f"autovoice: {out}: the folder can't be made ({tmp_path / 'file'} is a file); "
        "choose another\n"
    )


def test_a_song_that_is_damaged_leaves_nothing(
    song_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    os.truncate(song_file, song_file.stat().st_size // 2)
    assert separate(song_file, out) == 1
    assert f"{song_file}: the file is damaged after " in capsys.readouterr().err
    assert not out.exists()


def test_figures_are_printed_where_references_are_given(
    song_file: Path,
    short_song: truth.Song,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    true = tmp_path / "true"
    true.mkdir()
    short_song.stems.vocals.save(true / "vocals.wav")
    short_song.stems.accompaniment.save(true / "accompaniment.flac")
    options = ["--reference", str(true), "--stems", "accompaniment"]
    assert separate(song_file, tmp_path / "out", *options) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[3].split("┃")[1:6] == [
        f" {name} " for name in ("stem         ", "SDR dB", "SI-SDR dB", "SIR dB", "SAR dB")
    ]
    row = lines[6].split("│")
    assert row[1].strip() == "accompaniment"
    assert lines[-1] == f"wrote {tmp_path / 'out' / 'accompaniment.flac'}"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["accompaniment.flac"]

    assert separate(song_file, tmp_path / "out", *options, "--json") == 0
    figures = json.loads(capsys.readouterr().out)["figures"]
    assert list(figures) == ["vocals", "accompaniment"]
    printed = [float(cell) for cell in row[2:6]]
    assert printed == pytest.approx(list(figures["accompaniment"].values()), abs=0.051)


def test_a_figure_that_is_not_defined_is_a_dash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silence = Audio(np.zeros((1, 8000), np.float32), 8000)
    for name in ("song", "vocals", "accompaniment"):
        silence.save(tmp_path / f"{name}.wav")
    options = ["--reference", str(tmp_path)]
    assert separate(tmp_path / "song.wav", tmp_path / "out", *options) == 0
    row = capsys.readouterr().out.splitlines()[5]
    assert [cell.strip() for cell in row.split("│")[1:6]] == ["vocals", "-", "-", "-", "-"]


def test_stems_options_reach_the_separator(
    song_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[str, object] = {}

    def recording(**options: object) -> VocalSeparator:
        given.update(options)
        return VocalSeparator(**options)  # type: ignore[arg-type]

    monkeypatch.setattr("autovoice_core.cli.separate.VocalSeparator", recording)
    options = ["--batch", "2", "--residual", "accompaniment", "--device", "auto"]
    options += ["--memory-limit", "40 GB", "--threads", "3"]
    assert separate(song_file, tmp_path / "out", *options) == 0
    assert given == {
        "need": Need(devices=("auto",)),
        "batch": 2,
        "residual": "accompaniment",
        "memory_limit": 40_000_000_000,
        "threads": 3,
    }


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ([], "Missing option '--out'."),
        (["--out", "x", "--format", "mp3"], "'mp3' is not one of 'flac', 'wav'."),
        (["--out", "x", "--stems", "vocals,drums"], "'drums' is not one of vocals, accompaniment"),
        (["--out", "x", "--batch", "0"], "0 is not in the range x>=1."),
        (
            ["--out", "x", "--residual", "keep"],
            "'keep' is not one of 'share', 'accompaniment'.",
        ),
        (
            ["--out", "x", "--memory-limit", "much"],
            "'much' is not an amount of memory; give for example '2 GB'",
        ),
    ],
)
def test_usage(
    song_file: Path, options: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["separate", str(song_file), *options]) == 2
    assert line in capsys.readouterr().err

from __future__ import annotations

from pathlib import Path

import pytest
from batch_runs import batch

from autovoice_core.cli import main


def test_a_list_that_names_no_voice_for_a_song_is_refused(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = songs.parent / "list.jsonl"
    path.write_text('{"song": "songs/x.wav"}\n')
    assert batch(path, out, f"--db={out}.db", task="convert") == 1
    assert capsys.readouterr().err == (
        f"autovoice: --voice: none is named for {songs / 'x.wav'}; give one, or name it in the "
        "list of songs\n"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--format=xyz"], "--format: the suffix '.xyz' is not one of a pitch track; use "),
        (["--out=songs"], "--out: {out} is the folder of the songs, which would be replaced; "),
        (["--backend=pitch=toy/none"], "'toy/none'"),
        (["--set=pitch.depth=3"], "pitch.depth"),
    ],
)
def test_what_can_not_be_done_fails_in_one_line(
    songs: Path,
    out: Path,
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(songs.parent)
    assert batch(songs, out, *options) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("autovoice: ")
    assert message.format(out=songs) in printed
    assert printed.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        ("pitch", ["--voice=Ada"], "--voice is for --task convert; omit it with --task pitch"),
        ("separate", ["--stems"], "--stems is for --task convert; omit it with --task separate"),
        (
            "pitch",
            ["--vocals-only"],
            "--vocals-only is for --task convert; omit it with --task pitch",
        ),
        ("pitch", ["--strength=0"], "--strength is for --task convert; omit it with --task pitch"),
        ("convert", [], "Missing option '--voice', or a list that names voices."),
        ("pitch", ["--ship"], "--cluster and --ship are for --engine ray; omit them"),
        ("pitch", ["--cluster=auto"], "--cluster and --ship are for --engine ray; omit them"),
        ("pitch", ["--workers=0"], "Invalid value for '--workers': 0 is not in the range x>=1."),
        ("sing", [], "'sing' is not one of 'convert', 'separate', 'pitch'."),
    ],
)
def test_usage(
    songs: Path,
    out: Path,
    task: str,
    options: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert batch(songs, out, *options, task=task) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()


def test_the_folder_of_results_must_be_given(
    songs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["batch", str(songs), "--task=pitch"]) == 2
    assert "Missing option '--out'." in capsys.readouterr().err

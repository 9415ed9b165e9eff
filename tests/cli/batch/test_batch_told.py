"""What a batch prints of the songs that it has done, and of those that failed."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from batch_runs import InProcess, ada, batch, contents, hum, hums
from batch_toys import FAILS

from autovoice_core.batch.manifest import NAME
from autovoice_core.voices.storage import VoiceProfileStorage


def test_it_says_what_was_done_as_it_is_and_in_the_end(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch(songs, out) == 0
    printed = capsys.readouterr()
    lines = printed.err.splitlines()
    assert [line.rpartition(": ")[0] for line in lines] == ["1 of 2: a/y.flac", "2 of 2: x.wav"]
    assert all(line.endswith(" s") for line in lines)
    start, end = "2 of 2 songs are done, 2 of them now in ", f" s; see {out / NAME}\n"
    assert printed.out.startswith(start)
    assert printed.out.endswith(end)
    assert sorted(contents(out)) == ["a/y.csv", "x.csv"]

    assert batch(songs, out) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == f"2 of 2 songs are done, 0 of them now; see {out / NAME}\n"


def test_quietly_it_says_no_more_than_the_end(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch(songs, out, "--quiet") == 0
    assert capsys.readouterr().err == ""


def test_what_is_logged_is_told_once_and_not_at_all_quietly(
    songs: Path, out: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # those of pytest
    for path in (songs / "x.wav", songs / "a" / "y.flac"):
        path.unlink()
    hum(songs / "b\t.wav", rate=FAILS)
    failed = "failed: b\\t.wav: the sound is odd; give another\n"
    assert batch(songs, out) == 1
    assert capsys.readouterr().err == f"1 of 1: b\\t.wav: failed\n{failed}"
    assert batch(songs, out, "--retry", "--quiet") == 1
    assert capsys.readouterr().err == failed


def test_songs_that_failed_are_told_and_skipped_until_they_are_tried_again(
    songs: Path, out: Path, engine: InProcess, capsys: pytest.CaptureFixture[str]
) -> None:
    hum(songs / "b.wav", rate=FAILS)
    assert batch(songs, out) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines()[1:] == [
        "2 of 3: b.wav: failed",
        *printed.err.splitlines()[2:3],
        "failed: b.wav: the sound is odd; give another",
    ]
    assert printed.out.startswith("2 of 3 songs are done, 2 of them now in ")
    assert printed.out.endswith(f" s; 1 failed; see {out / NAME}\n")

    assert batch(songs, out) == 1
    printed = capsys.readouterr()
    assert printed.err == ""  # it was told before
    told = ": --dry-run says why, --retry tries again; see"
    assert printed.out == (
        f"2 of 3 songs are done, 0 of them now; 1 failed before{told} {out / NAME}\n"
    )

    hum(songs / "c.wav", rate=FAILS)
    assert batch(songs, out) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines() == [
        "1 of 1: c.wav: failed",
        "failed: c.wav: the sound is odd; give another",
    ]
    assert printed.out == (
        f"2 of 4 songs are done, 0 of them now; 2 failed, 1 of them before{told} {out / NAME}\n"
    )
    (songs / "c.wav").unlink()

    engine.done.clear()
    assert batch(songs, out, "--retry") == 1
    assert engine.done == ["b.wav"]


def test_what_songs_fail_with_that_is_not_their_own_is_told_once_for_all_of_them(
    tmp_path: Path, db: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with VoiceProfileStorage(db) as voices:
        voices.add(ada(name="Eve", features={}, feature_id="other/1"))
    songs = [{"song": f"{letter}.wav", "voice": "Eve"} for letter in "abc"]
    songs += [{"song": f"{letter}.wav", "voice": "Ada"} for letter in "de"]
    path = tmp_path / "list.jsonl"
    path.write_text("".join(f"{json.dumps(song)}\n" for song in songs))
    hums(tmp_path, "a.wav", "b.wav", "c.wav")
    hum(tmp_path / "d.wav", rate=FAILS)
    hum(tmp_path / "e.wav", rate=FAILS)
    options = [f"--db={db}", "--key=0"]
    assert batch(path, out, *options, task="convert") == 1
    eve, *own = capsys.readouterr().err.splitlines()[5:]
    assert eve.startswith(
        "failed: a.wav and 2 more: voice: 'Eve' holds features of other/1, but toy/gain reads "
    )
    assert own == [f"failed: {name}: the sound is odd; give another" for name in ("d.wav", "e.wav")]
    assert batch(path, out, *options, "--dry-run", task="convert") == 1
    assert capsys.readouterr().err.splitlines() == own  # the others are tried again
    # Nothing but these is left to do: the batch is refused.
    assert batch(path, out, *options, task="convert") == 1
    assert capsys.readouterr().err == f"autovoice: --{eve.partition('more: ')[2]}\n"


def test_songs_with_warnings_are_counted(
    songs: Path, out: Path, db: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--voice=Ada", f"--db={db}", "--key=0"]
    assert batch(songs, out, *options, task="convert") == 0
    end = f" s, 2 with warnings, which --json lists; see {out / NAME}\n"
    assert capsys.readouterr().out.endswith(end)
    assert batch(songs, out, *options, "--json", task="convert") == 0
    told = [song["warnings"] for song in json.loads(capsys.readouterr().out)["songs"]]
    assert all("hardly sound like singing" in warnings[0] for warnings in told)

from __future__ import annotations

import errno
import json
import os
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import asdict
from batch_runs import record
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import AutoVoiceWarning, InputError
from autovoice_core.batch.manifest import NAME, Manifest, Record


def written(folder: Path, *records: Record) -> Path:
    with Manifest(folder).locked() as manifest:
        for each in records:
            manifest.add(each)
    return manifest.path


def read(folder: Path) -> dict[str, Record]:
    return Manifest(folder).records


def lines(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a manifest, all of which must be whole."""
    content = (folder / NAME).read_bytes()
    assert content.endswith(b"\n")
    return [json.loads(line) for line in content.splitlines()]


def refusal(folder: Path) -> str:
    with pytest.raises(InputError) as caught, Manifest(folder).locked():
        pass
    return str(caught.value)


def test_records_are_lines_of_json_that_are_read_again(out: Path) -> None:
    full = record(
        "b/\udce9\n.wav",
        error="it is odd",
        made_by=("pitch: cpu/nccf",),
        warnings=("it is loud", "it is long"),
        seconds=1.5,
        worker="here:1",
        finished="2026-01-02T03:04:05+00:00",
    )
    path = written(out / "new", record("a.wav"), full)
    assert path == out / "new" / NAME
    assert read(out / "new") == {"a.wav": record("a.wav"), "b/\udce9\n.wav": full}
    assert [line["version"] for line in lines(out / "new")] == [1, 1]


def test_a_folder_without_a_manifest_has_no_records_and_is_left_alone(out: Path) -> None:
    assert read(out) == {}
    assert not out.exists()


def test_the_last_record_of_a_song_counts(out: Path) -> None:
    written(out, record("a.wav", error="it is odd"), record("b.wav"))
    written(out, record("a.wav"))
    assert read(out) == {"a.wav": record("a.wav"), "b.wav": record("b.wav")}
    assert len(lines(out)) == 3


def test_records_are_seen_as_they_are_added(out: Path) -> None:
    with Manifest(out).locked() as manifest:
        manifest.add(record("a.wav"))
        assert read(out) == manifest.records == {"a.wav": record("a.wav")}


def test_a_last_line_that_was_cut_is_dropped(out: Path) -> None:
    path = written(out, record("a.wav"), record("b.wav"))
    os.truncate(path, path.stat().st_size - 5)
    assert read(out) == {"a.wav": record("a.wav")}
    written(out, record("c.wav"))
    assert [line["song"] for line in lines(out)] == ["a.wav", "c.wav"]


UNKNOWN = [
    '{"version": 2, "song": "n.wav"}',
    '{"song": "n.wav"}',
    '{"version": 1, "song": "n.wav"}',
    json.dumps({"version": 1, **asdict(record()), "song": 1}),
    json.dumps({"version": 1, **asdict(record()), "outputs": []}),
    json.dumps({"version": 1, **asdict(record()), "error": ["x"]}),
    json.dumps({"version": 1, **asdict(record()), "made_by": [3]}),
    json.dumps({"version": 1, **asdict(record()), "size": "9"}),
    "[" * 100_000,
    "[]",
    "3",
    "",
    "{",
    "\udce9",
]


@pytest.mark.parametrize("line", UNKNOWN)
def test_a_line_that_is_no_record_is_warned_of_once_and_kept(out: Path, line: str) -> None:
    path = written(out, record("a.wav"))
    with path.open("ab") as file:
        file.write(os.fsencode(f"{line}\n"))
    with pytest.warns(AutoVoiceWarning) as caught:
        manifest = Manifest(out)
    assert [str(warning.message) for warning in caught] == [
        f"{path}: 1 line can't be read, so the songs of these are done again"
    ]
    before = path.read_bytes()
    with manifest.locked():  # where it is read again
        manifest.add(record("b.wav"))
    assert set(manifest.records) == {"a.wav", "b.wav"}
    assert path.read_bytes().startswith(before)


def test_several_such_lines_are_counted(out: Path) -> None:
    path = written(out)
    path.write_text("{\n{\n")
    with pytest.warns(AutoVoiceWarning, match=": 2 lines can't be read, so the songs of these are"):
        Manifest(out)


def test_a_field_of_a_later_version_is_passed_over(out: Path) -> None:
    path = written(out, record("a.wav"))
    path.write_text(path.read_text().replace('"version"', '"mood": "calm", "version"'))
    assert read(out) == {"a.wav": record("a.wav")}


def test_a_second_batch_into_the_folder_is_refused_until_the_first_has_ended(out: Path) -> None:
    with Manifest(out).locked():
        assert refusal(out) == (
            f"{out}: another batch is writing there; wait for it, or choose another folder"
        )
    written(out, record("a.wav"))


def test_records_that_another_batch_wrote_meanwhile_are_kept(out: Path) -> None:
    early = Manifest(out)
    written(out, record("a.wav"))
    with early.locked():
        early.add(record("b.wav"))
    assert set(early.records) == set(read(out)) == {"a.wav", "b.wav"}


def test_a_folder_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    assert refusal(out) == (
        f"{out}: the folder can't be made ({tmp_path / 'file'} is a file); choose another"
    )


def test_a_manifest_that_is_a_folder_is_refused(out: Path) -> None:
    (out / NAME).mkdir(parents=True)
    assert refusal(out) == f"{out / NAME}: can't be read (Is a directory); change its permissions"


@pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
def test_a_fifo_in_place_of_a_manifest_is_not_waited_for(out: Path) -> None:
    out.mkdir()
    os.mkfifo(out / NAME)
    assert refusal(out) == (
        f"{out / NAME}: can't be read (it is no file but a FIFO, a device or a socket); change its "
        "permissions"
    )


@pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
def test_no_link_in_place_of_a_manifest_is_written_through(tmp_path: Path, out: Path) -> None:
    out.mkdir()
    (tmp_path / "diary").write_text("Dear diary")
    (out / NAME).symlink_to(tmp_path / "diary")
    assert refusal(out) == (
        f"{out / NAME}: writing stopped ({os.strerror(errno.ELOOP)}); choose another place"
    )
    assert (tmp_path / "diary").read_text() == "Dear diary"


def test_a_folder_that_takes_no_files_is_refused(out: Path) -> None:
    out.mkdir()
    (out / f".{NAME}.lock").mkdir()
    assert refusal(out) == f"{out / NAME}: writing stopped (Is a directory); choose another place"


def test_a_manifest_that_can_not_be_opened_is_refused(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "ftruncate", refuse)
    message = f"{out / NAME}: writing stopped (Permission denied); choose another place"
    assert refusal(out) == message
    monkeypatch.undo()
    written(out, record("a.wav"))  # nothing is left locked


def test_a_disk_that_takes_a_part_of_a_record_is_given_the_rest(
    out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda place, content: write(place, content[:100]))
    written(out, record("a.wav"))
    assert read(out) == {"a.wav": record("a.wav")}


def test_a_disk_that_is_full_is_told(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(InputError) as caught:
        written(out, record("a.wav"))
    assert str(caught.value) == (
        f"{out / NAME}: writing stopped (No space left on device); free some space on the disk or "
        "choose another place"
    )


@given(
    songs=st.lists(st.sampled_from(["a.wav", "b/é.wav", "c\n.wav"]), max_size=5),
    share=st.floats(0, 1),
)
def test_a_crash_at_any_moment_costs_the_record_that_was_being_written(
    songs: list[str], share: float
) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        records = [record(song, seconds=float(at)) for at, song in enumerate(songs)]
        content = written(out, *records).read_bytes()
        cut = content[: round(share * len(content))]
        (out / NAME).write_bytes(cut)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            kept = records[: cut.count(b"\n")]
            assert read(out) == {each.song: each for each in kept}
            written(out, record("new.wav"))
            assert read(out) == {each.song: each for each in [*kept, record("new.wav")]}
        assert len(lines(out)) == len(kept) + 1

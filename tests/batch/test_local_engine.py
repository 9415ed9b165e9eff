from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from batch_runs import InProcess, ada, contents, hum, hums
from batch_toys import KILLS, KILLS_ONCE, WAITS
from job_runs import is_alive
from waiting import wait_until

from autovoice_core import InputError, convert_songs, track_songs
from autovoice_core.batch.manifest import Manifest, Record
from autovoice_core.batch.progress import BatchProgress

pytestmark = [
    pytest.mark.usefixtures("toy"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at in /proc"),
]


def pid_of(record: Record) -> int:
    return int(record.worker.rpartition(":")[2])


def pids_in(traces: Path) -> set[int]:
    """Return the processes that have tracked songs."""
    return {int(path.suffix[1:]) for path in traces.glob("800*.*")}


def test_two_processes_do_all_songs_and_end(songs: Path, out: Path, tmp_path: Path) -> None:
    told: list[BatchProgress] = []
    result = track_songs(songs, out, workers=2, progress=told.append)
    assert result.failed == {}
    pids = {pid_of(record) for record in result.records}
    assert os.getpid() not in pids
    assert not any(map(is_alive, pids))
    assert told[-1].fraction == 1.0
    track_songs(songs, tmp_path / "alone", engine=InProcess())
    assert contents(out) == contents(tmp_path / "alone")


def test_voices_and_warnings_cross_over(songs: Path, out: Path, tmp_path: Path) -> None:
    result = convert_songs(songs / "x.wav", ada(), out, workers=1)
    alone = convert_songs(songs / "x.wav", ada(), tmp_path / "alone", engine=InProcess())
    assert result.failed == {}
    assert result.records[0].warnings == alone.records[0].warnings != ()
    assert contents(out) == contents(tmp_path / "alone")


def test_voices_that_find_no_space_are_told_with_the_folder(
    songs: Path, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with pytest.raises(InputError) as caught:
        convert_songs(songs, ada(), out)
    text = str(caught.value)
    assert text.startswith(f"{tmp_path}{os.sep}autovoice-")
    assert text.endswith(
        ": the temporary files can't grow further (No space left on device); free some space or "
        "set TMPDIR to another folder"
    )


def test_a_worker_that_is_killed_is_replaced_and_its_song_done(
    songs: Path, out: Path, toy: Path
) -> None:
    hum(songs / "b.wav", rate=KILLS_ONCE)
    result = track_songs(songs, out, workers=1)
    assert result.failed == {}
    assert len(result.records) == 4
    assert (out / "b.csv").exists()
    assert len(pids_in(toy)) == 2


def test_a_song_that_kills_two_workers_fails_and_the_others_are_done(
    songs: Path, out: Path, toy: Path
) -> None:
    hum(songs / "b.wav", rate=KILLS)
    result = track_songs(songs, out, workers=1)
    assert result.failed == {
        "b.wav": "its worker process was killed by SIGKILL, perhaps as memory ran out, twice; use "
        "fewer workers, or set a memory limit"
    }
    assert sorted(contents(out)) == ["a/y.csv", "a/z.csv", "x.csv"]
    assert len(pids_in(toy)) == 3
    (record,) = [each for each in result.records if each.error is not None]
    assert (record.input, record.outputs, record.worker) == (None, {}, "")
    again = track_songs(songs, out, workers=1)
    assert (again.failed, again.records) == (result.failed, ())


def test_an_interrupt_ends_the_workers(out: Path, tmp_path: Path, toy: Path) -> None:
    songs = hums(tmp_path / "songs", "x.wav")
    hum(songs / "y.wav", rate=WAITS)
    hum(songs / "z.wav", rate=WAITS)
    ended: list[Record] = []

    def interrupt() -> None:
        wait_until(lambda: len(list(toy.glob(f"{WAITS}.*"))) == 2 and ended != [])
        os.kill(os.getpid(), signal.SIGINT)

    thread = Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        track_songs(songs, out, workers=2, ended=ended.append)
    thread.join()
    wait_until(lambda: not any(map(is_alive, pids_in(toy))))
    assert set(Manifest(out).records) == {"x.wav"}
    assert sorted(contents(out)) == ["x.csv"]
    (toy / "go").touch()
    result = track_songs(songs, out, workers=2)
    assert {record.song for record in result.records} == {"y.wav", "z.wav"}
    assert sorted(contents(out)) == ["x.csv", "y.csv", "z.csv"]


def test_an_error_of_a_listener_ends_the_workers(songs: Path, out: Path, toy: Path) -> None:
    def refuse(_: BatchProgress) -> None:
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        track_songs(songs, out, workers=1, progress=refuse)
    assert not any(map(is_alive, pids_in(toy)))


def test_a_worker_without_a_setup_ends() -> None:
    command = [sys.executable, "-m", "autovoice_core.batch.engines.process"]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

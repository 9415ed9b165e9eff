"""One database used by two programs or several threads, and programs that are killed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from waiting import PATIENCE

from autovoice_core import VoiceProfile, VoiceProfileStorage

MakeProfile = Callable[..., VoiceProfile]

PRELUDE = """
import sys
import numpy as np
from autovoice_core import StorageError, VoiceProfile, VoiceProfileStorage

def voice(name, content=0, size=10):
    features = {"frames": np.full(size, content, np.float32)}
    return VoiceProfile(name, features, "retrieval/1", (100, 200, 300), -20, 9, ())

storage = VoiceProfileStorage(sys.argv[1])
me = sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
"""


def program(work: str, path: Path, name: str) -> subprocess.Popen[str]:
    """Start a program that waits, once it has imported everything, for :func:`let_go`."""
    started = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + work, str(path), name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdout.readline() == "ready\n"
    return started


def let_go(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("\n")
    started.stdin.flush()


def finish(started: subprocess.Popen[str]) -> str:
    output, _ = started.communicate(timeout=PATIENCE)
    assert started.returncode == 0
    return output


def kill_after(started: subprocess.Popen[str], lines: int, more: float) -> None:
    """Kill a program some seconds after it has printed some lines."""
    assert started.stdout is not None
    for _ in range(lines):
        assert started.stdout.readline()
    time.sleep(more)
    started.kill()
    started.communicate()


ADD_MANY = """
for turn in range(12):
    storage.add(voice(f"{me} {turn}", turn))
    assert storage.get(f"{me} {turn}").features["frames"][0] == turn
"""

CLAIM = """
won = 0
for turn in range(12):
    try:
        storage.add(voice(f"contested {turn}"))
        won += 1
    except StorageError as error:
        assert "already exists" in str(error), error
print(won)
"""

WRITE_FOR_EVER = """
turn = 0
while True:
    print(turn, flush=True)
    turn += 1
    storage.add(voice("large", turn, 300_000), replace=True)
    storage.add(voice(f"small {me} {turn}", turn), replace=True)
    storage.rename(f"small {me} {turn}", f"smaller {me} {turn}")
    storage.remove(f"smaller {me} {turn}")
"""


@pytest.mark.parametrize("path_exists", [False, True])
def test_two_programs_write_at_once_and_nothing_is_lost(
    tmp_path: Path, make_profile: MakeProfile, path_exists: bool
) -> None:
    storage = VoiceProfileStorage(tmp_path / "voices.db")
    if path_exists:
        storage.add(make_profile())
    writers = [program(ADD_MANY, storage.path, name) for name in ("a", "b")]
    for writer in writers:
        let_go(writer)
    seen = 0
    while any(writer.poll() is None for writer in writers):
        # What was once there stays there.
        now = len(storage.list())
        assert now >= seen
        seen = now
    for writer in writers:
        finish(writer)
    assert len(storage.list()) == 24 + path_exists


def test_a_name_is_given_to_one_of_two_programs(tmp_path: Path) -> None:
    storage = VoiceProfileStorage(tmp_path / "voices.db")
    writers = [program(CLAIM, storage.path, name) for name in ("a", "b")]
    for writer in writers:
        let_go(writer)
    assert sum(int(finish(writer)) for writer in writers) == 12
    assert len(storage.list()) == 12


def test_a_program_that_is_killed_leaves_a_whole_database(
    tmp_path: Path, make_profile: MakeProfile
) -> None:
    storage = VoiceProfileStorage(tmp_path / "voices.db")
    rng = np.random.default_rng(11)
    had_large = False
    for number in range(8):
        # Names of its own: one that is killed may leave a voice.
        writer = program(WRITE_FOR_EVER, storage.path, f"w{number}")
        let_go(writer)
        # From the middle of making the database to the middle of a later write.
        kill_after(writer, lines=int(rng.integers(1, 8)), more=float(rng.uniform(0, 0.02)))
        names = [summary.name for summary in storage.list()]
        # Replacing a voice removes and adds it: it is never found in between.
        assert "large" in names or not had_large
        had_large = "large" in names
        for name in names:
            frames = storage.get(name).features["frames"]
            assert (frames == frames[0]).all()
        storage.add(make_profile("after", features={"frames": np.ones(3)}), replace=True)
        with closing(sqlite3.connect(storage.path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert had_large


def test_a_program_that_is_killed_leaves_no_half_export(
    tmp_path: Path, make_profile: MakeProfile
) -> None:
    storage = VoiceProfileStorage(tmp_path / "voices.db")
    storage.add(make_profile(features={"frames": np.zeros(1_000_000, np.float32)}))
    exported = tmp_path / "iona.voice"
    storage.export("iona", exported)
    work = f"while True: storage.export('iona', {str(exported)!r}); print(flush=True)"
    writer = program(work, storage.path, "w")
    let_go(writer)
    kill_after(writer, lines=2, more=0.005)
    VoiceProfileStorage(tmp_path / "there.db").import_(exported)


def test_threads_share_one_storage(storage: VoiceProfileStorage, make_profile: MakeProfile) -> None:
    failed = []

    def work(worker: int) -> None:
        try:
            for turn in range(4):
                storage.add(make_profile(f"{worker}-{turn}"))
                storage.get(f"{worker}-{turn}")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(storage.list()) == 24

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from autovoice_core import AutoVoiceWarning, InputError
from autovoice_core.audio import temporary
from autovoice_core.audio.temporary import (
    abandoned_folders,
    abandoned_parts,
    part_file,
    remove_abandoned_parts,
    temporary_folder,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="nothing is locked on Windows")

_KILLED = """
import os, signal, sys
from pathlib import Path
from autovoice_core.audio.temporary import part_file, temporary_folder
with part_file(Path(sys.argv[1])), temporary_folder() as folder:
    (folder / "vocals").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def killed_run(out: Path) -> None:
    done = subprocess.run([sys.executable, "-c", _KILLED, str(out)], check=False)
    assert done.returncode == -signal.SIGKILL


def make_old(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (1e9, 1e9))


def test_a_part_file_is_private_hidden_and_removed(out: Path) -> None:
    with part_file(out) as part:
        assert part.stat().st_mode & 0o777 == 0o600
        assert part.name.startswith(".autovoice-")
        assert part.suffix == ".part"
    assert not list(out.iterdir())


def test_a_temporary_folder_is_removed_with_its_files(scratch: Path) -> None:
    with temporary_folder() as folder:
        assert folder.parent == scratch
        (folder / "vocals").touch()
    assert not list(scratch.iterdir())


def test_the_next_run_removes_what_a_killed_one_left(scratch: Path, out: Path) -> None:
    killed_run(out)
    assert len(list(scratch.iterdir())) == len(list(out.iterdir())) == 1
    make_old(scratch.parent)
    with part_file(out) as part, temporary_folder() as folder:
        assert list(out.iterdir()) == [part]
        assert list(scratch.iterdir()) == [folder]


def test_what_was_left_just_now_is_kept(scratch: Path, out: Path) -> None:
    killed_run(out)
    assert not abandoned_parts(out)
    assert not abandoned_folders()


def test_what_another_run_works_with_is_kept(scratch: Path, out: Path) -> None:
    with part_file(out) as part, temporary_folder() as folder:
        make_old(scratch.parent)
        assert not abandoned_parts(out)
        assert not abandoned_folders()
        with part_file(out), temporary_folder():
            assert part.exists()
            assert folder.exists()


def test_files_of_other_programs_are_kept(out: Path) -> None:
    (out / ".other.part").touch()
    (out / ".autovoice-.part").touch()
    make_old(out)
    with part_file(out):
        pass
    assert len(list(out.iterdir())) == 2


def test_no_place_for_temporary_files_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(temporary.tempfile, "gettempdir", none)
    with pytest.raises(InputError) as caught, temporary_folder():
        pass
    assert str(caught.value) == (
        "temporary files can't be written (No usable temporary directory found); "
        "set TMPDIR to a folder that can"
    )


@pytest.mark.parametrize("made", ["open", "mkdir"])
def test_an_interrupt_right_after_a_file_is_made_leaves_nothing(
    scratch: Path, out: Path, monkeypatch: pytest.MonkeyPatch, made: str
) -> None:
    make = getattr(os, made)

    def interrupted(*arguments: object) -> None:
        monkeypatch.setattr(os, made, make)
        make(*arguments)
        raise KeyboardInterrupt

    def work() -> None:
        with temporary_folder(), part_file(out):
            pass

    monkeypatch.setattr(os, made, interrupted)
    with pytest.raises(KeyboardInterrupt):
        work()
    assert not list(scratch.iterdir())
    assert not list(out.iterdir())


def test_a_folder_that_is_named_and_passed_over_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nope"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.warns(AutoVoiceWarning) as caught, temporary_folder() as folder:
        assert folder.parent == tmp_path
    assert [str(warning.message) for warning in caught] == [
        f"TMPDIR: {tmp_path / 'nope'} is not a folder that can be written, so temporary files go "
        f"to {tmp_path}; name another, or unset it"
    ]


def test_of_unfinished_files_of_other_machines_those_a_day_old_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "albums"
    folder.mkdir()
    names = [f".autovoice-{machine}-0123456789abcdef.part" for machine in ("00000000", "00000001")]
    young, old = (folder / name for name in names)
    for file in (young, old):
        file.touch()
    a_day_ago = time.time() - temporary.MIN_ABANDONED_ELSEWHERE_SECONDS - 1
    os.utime(old, (a_day_ago, a_day_ago))
    remove_abandoned_parts(tmp_path)
    assert list(folder.iterdir()) == [young]

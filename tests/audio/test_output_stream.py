from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from waiting import PATIENCE

from autovoice_core import InputError
from autovoice_core.audio import output_stream
from autovoice_core.audio.atomic import atomic_file
from autovoice_core.audio.output_stream import is_output_stream, is_standard_output


def write(path: Path, text: str) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text(text)


def refusal(path: Path, text: str = "") -> str:
    with pytest.raises(InputError) as caught:
        write(path, text)
    return str(caught.value)


def test_a_device_is_written_to_and_stays() -> None:
    null = Path(os.devnull)
    assert is_output_stream(null)
    write(null, "gone")
    assert stat.S_ISCHR(null.stat().st_mode)


def test_a_full_device_is_named() -> None:
    full = Path("/dev/full")
    if not full.is_char_device():
        pytest.skip("no /dev/full here")
    assert refusal(full, "too much") == (
        "/dev/full: writing stopped (No space left on device); "
        "free some space on the disk or choose another place"
    )


def test_a_fifo_gets_the_whole_content(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(fifo.read_text()))
    reader.start()
    write(fifo, "whole")
    reader.join(PATIENCE)
    assert read == ["whole"]
    assert fifo.is_fifo()


def test_a_fifo_that_nobody_reads_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_stream, "MAX_READER_WAIT", 0.0)
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    assert refusal(fifo) == f"{fifo}: no program reads from this FIFO; start the reader first"


def test_standard_output_is_written_to_after_what_was_printed(tmp_path: Path) -> None:
    code = (
        "from autovoice_core.audio.atomic import atomic_file\n"
        "print('before')\n"
        "with atomic_file('/dev/stdout') as temporary: temporary.write_text('content')\n"
    )
    log = tmp_path / "log"
    with log.open("w") as file:
        subprocess.run([sys.executable, "-c", code], stdout=file, check=True)
    assert log.read_text() == "before\ncontent"


def test_a_reader_that_goes_away_is_named(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: fifo.open("rb").close())
    reader.start()
    assert refusal(fifo, "x" * (1 << 20)) == (
        f"{fifo}: writing stopped (Broken pipe); choose another place"
    )
    reader.join(PATIENCE)


def test_a_reader_of_standard_output_may_stop_early() -> None:
    code = (
        "from autovoice_core.audio.atomic import atomic_file\n"
        "try:\n"
        "    with atomic_file('/dev/stdout') as temporary: temporary.write_text('x' * (1 << 20))\n"
        "except BrokenPipeError: exit(7)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 7


@pytest.mark.parametrize("path", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_standard_output_has_several_names(path: str) -> None:
    assert is_output_stream(path)
    assert is_standard_output(path)


def test_files_folders_and_what_is_absent_are_no_streams(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file", tmp_path / "absent", tmp_path / "file" / "in"):
        assert not is_output_stream(path)

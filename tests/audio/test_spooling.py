from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from sound_files import encode, refusal, tone
from waiting import PATIENCE

from autovoice_core import InputError
from autovoice_core.audio import spooling
from autovoice_core.audio.reading import AudioFile

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")

MORE_THAN_WAIT = spooling.MAX_WRITER_WAIT + 0.5


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is, a thread that writes is waited for."""
    monkeypatch.setattr(spooling, "MAX_WRITER_WAIT", PATIENCE)


def fifo_with(path: Path, content: bytes) -> threading.Thread:
    """Make the FIFO ``path``, to which a thread writes ``content``."""

    def write() -> None:
        with suppress(BrokenPipeError):  # the reader may have seen enough
            path.write_bytes(content)

    os.mkfifo(path)
    thread = threading.Thread(target=write)
    thread.start()
    return thread


def read_standard_input(content: bytes, command: str) -> subprocess.CompletedProcess[bytes]:
    start = (
        "from autovoice_core import Audio, InputError\n"
        "from autovoice_core.audio.reading import AudioFile\n"
    )
    return subprocess.run(
        [sys.executable, "-c", start + command], input=content, capture_output=True, check=True
    )


def test_a_fifo_is_read_as_often_as_needed(tmp_path: Path) -> None:
    song = tone(50_000)
    writer = fifo_with(tmp_path / "song.wav", encode(tmp_path / "a.wav", song, "WAV", "FLOAT"))
    file = AudioFile(tmp_path / "song.wav")
    writer.join()
    for size in (50_000, 777):
        np.testing.assert_array_equal(np.concatenate(list(file.blocks(size)), 1).T, song)


def test_the_copy_goes_with_the_object(tmp_path: Path) -> None:
    writer = fifo_with(tmp_path / "a", encode(tmp_path / "a.wav", tone(5000), "WAV"))
    file = AudioFile(tmp_path / "a")
    writer.join()
    copy = file.stored
    assert copy.exists()
    del file
    assert not copy.parent.exists()


def test_standard_input_is_read_from_a_pipe(tmp_path: Path) -> None:
    content = encode(tmp_path / "a.flac", tone(5000), "FLAC")
    run = read_standard_input(content, "print(Audio.load('/dev/stdin').frames)")
    assert run.stdout == b"5000\n"


def test_an_empty_pipe_is_refused() -> None:
    command = "try: AudioFile('/dev/stdin')\nexcept InputError as error: print(error)"
    run = read_standard_input(b"", command)
    assert run.stdout == b"standard input: the file is empty; give a recording\n"


def test_what_is_no_sound_is_refused_before_its_end(tmp_path: Path) -> None:
    writer = fifo_with(tmp_path / "a", b"y\n" * 1_000_000)
    assert refusal(tmp_path / "a") == "yields text, not a sound file; check its source"
    writer.join()


def test_more_than_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spooling, "MAX_SPOOLED_BYTES", 1 << 20)
    content = encode(tmp_path / "a.wav", tone(1_000_000), "WAV")
    writer = fifo_with(tmp_path / "a", content)
    assert refusal(tmp_path / "a") == "yields more than 0 GiB; save it to a file, and give that"
    writer.join()


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/null"])
def test_a_device_is_refused(device: str) -> None:
    if not Path(device).exists():
        pytest.skip("no such device here")
    assert refusal(Path(device)) == "is a device, not a sound file; record from it first"


def test_a_device_is_refused_as_standard_input(tmp_path: Path) -> None:
    command = (
        "from autovoice_core.audio.reading import AudioFile\ntry: AudioFile('/dev/stdin')\n"
        "except Exception as error: print(error)"
    )
    with Path("/dev/zero").open("rb") as zeros:
        run = subprocess.run(
            [sys.executable, "-c", command], stdin=zeros, capture_output=True, check=True
        )
    assert run.stdout == b"standard input: is a device, not a sound file; record from it first\n"


def test_a_terminal_by_its_name_is_refused() -> None:
    pty = pytest.importorskip("pty", reason="no terminals here")
    leader, follower = pty.openpty()
    try:
        assert refusal(Path(os.ttyname(follower))) == (
            "is a device, not a sound file; record from it first"
        )
    finally:
        os.close(leader)
        os.close(follower)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_a_full_disk_is_said() -> None:
    with pytest.raises(InputError) as caught:
        spooling.write_spool([b"RIFF" + bytes(1 << 20)], Path("/dev/full"), "song")
    assert str(caught.value) == (
        "/dev: the temporary files can't grow further (No space left on device); "
        "free some space or set TMPDIR to another folder"
    )


def test_a_fifo_that_nobody_writes_to_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "MAX_WRITER_WAIT", 0.1)
    os.mkfifo(tmp_path / "a")
    assert refusal(tmp_path / "a") == (
        "no program writes to this FIFO; start the writer first, or give a file"
    )


def test_a_writer_who_has_not_begun_is_waited_for_until_an_interrupt(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    command = "from autovoice_core.audio.reading import AudioFile; import sys\nprint(1, flush=True)"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{command}\nAudioFile(sys.argv[1])", str(tmp_path / "a")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process, (tmp_path / "a").open("wb"):  # opened for writing once there is a reader
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(MORE_THAN_WAIT)
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate(timeout=PATIENCE)[1]

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from waiting import PATIENCE

from autovoice_core import Audio, VoiceProfile, convert_song
from autovoice_core.audio.source import AudioInMemory, Source
from autovoice_core.songs.steps import beside


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the commands of processes that are started."""
    commands: list[Any] = []

    class Recorded(subprocess.Popen[bytes]):
        def __init__(self, command: Any, **options: Any) -> None:
            commands.append(command)
            super().__init__(command, **options)

    monkeypatch.setattr(subprocess, "Popen", Recorded)
    return commands


def test_a_song_is_the_same_to_the_bit_on_any_number_of_threads(
    song_file: Path, voice: VoiceProfile, tmp_path: Path, processes: list[Any]
) -> None:
    results = {}
    for threads in (1, 3):
        folder = tmp_path / str(threads)
        folder.mkdir()
        song = convert_song(
            song_file, voice, folder / "mix.flac", stems=folder, key=3.0, threads=threads
        )
        files = {path.name: path.read_bytes() for path in folder.iterdir()}
        results[threads] = files, song.sung, song.mix_gain_db, song.vocals_gain_db
        assert len(processes) == (0 if threads == 1 else 1)
    assert len(results[1][0]) == 4
    assert results[1] == results[3]


def test_within_a_memory_limit_no_other_process_is_started(
    vocal_file: Path, voice: VoiceProfile, tmp_path: Path, processes: list[Any]
) -> None:
    out = tmp_path / "out.flac"
    convert_song(vocal_file, voice, out, vocals_only=True, key=3.0, threads=3, memory_limit="8 GB")
    assert out.exists()
    assert not processes


class Job:
    """What :func:`beside` reads of a job."""

    def __init__(self, spare_threads: int) -> None:
        self.spare_threads = spare_threads


def noise() -> Source:
    return AudioInMemory(Audio(np.ones((1, 9), np.float32), 8_000), "noise")


def frames_and_thread(source: Source) -> tuple[int, threading.Thread]:
    return sum(block.shape[1] for block in source.blocks(2)), threading.current_thread()


def test_work_is_done_beside_if_there_are_threads_to_spare() -> None:
    here = threading.current_thread()
    with beside(Job(1), noise(), frames_and_thread) as result:  # type: ignore[arg-type]
        assert result(noise()) == (9, here)
    with beside(Job(2), noise(), frames_and_thread) as result:  # type: ignore[arg-type]
        frames, thread = result(noise())
    assert frames == 9
    assert thread is not here


def test_work_beside_ends_when_what_it_is_for_fails() -> None:
    entered, left = threading.Event(), threading.Event()

    def work(source: Source) -> None:
        blocks = source.blocks(2)
        next(blocks)
        entered.set()
        assert left.wait(PATIENCE)
        list(blocks)

    def fail(result: Callable[[Source], None]) -> None:
        del result
        assert entered.wait(PATIENCE)
        threading.Timer(0.1, left.set).start()
        raise KeyError

    with pytest.raises(KeyError), beside(Job(2), noise(), work) as result:  # type: ignore[arg-type]
        fail(result)

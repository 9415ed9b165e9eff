from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import soundfile

from autovoice_core.audio.reading import AudioFile
from autovoice_core.cli import main

pytestmark = pytest.mark.skipif(os.name != "posix", reason="no such standard streams here")


@contextmanager
def standard_input(path: Path) -> Iterator[None]:
    """Let the process read ``path`` as its standard input."""
    before = os.dup(0)
    try:
        with path.open("rb") as file:
            os.dup2(file.fileno(), 0)
            yield
    finally:
        os.dup2(before, 0)
        os.close(before)


def convert(voices: Path, *more: object) -> int:
    words = ["convert", "-", "--voice", "Ada", "--db", voices, "--vocals-only", "--key", 0, *more]
    return main([str(word) for word in words])


def test_a_sound_goes_from_standard_input_to_standard_output(
    vocal_file: Path, voice_file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with standard_input(vocal_file):
        assert convert(voice_file, "--out", "-") == 0
    captured = capfdbinary.readouterr()
    with soundfile.SoundFile(io.BytesIO(captured.out)) as file:
        assert (file.format, file.subtype) == ("WAV", "PCM_24")
        assert file.frames == AudioFile(vocal_file).frames
    assert captured.err.endswith(b"wrote /dev/stdout\n")


def test_json_about_a_sound_on_standard_output_is_not_mixed_with_it(
    vocal_file: Path, voice_file: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    with standard_input(vocal_file):
        assert convert(voice_file, "--out", "-", "--json") == 0
    captured = capfdbinary.readouterr()
    assert captured.out.startswith(b"RIFF")
    assert b'"path": "/dev/stdout"' in captured.err


def test_a_song_from_standard_input_needs_the_name_of_the_result(
    vocal_file: Path, voice_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with standard_input(vocal_file):
        assert convert(voice_file) == 1
    assert capfd.readouterr().err == (
        "autovoice: --out: the song comes from standard input, which has no folder; "
        "name the file to write\n"
    )


@pytest.mark.parametrize("command", ["pitch", "separate"])
def test_other_commands_read_standard_input(vocal_file: Path, tmp_path: Path, command: str) -> None:
    more = ["--out", str(tmp_path / "stems")] if command == "separate" else []
    with standard_input(vocal_file):
        assert main([command, "-", *more]) == 0


def test_a_recording_of_a_voice_is_read_from_standard_input(
    vocal_file: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with standard_input(vocal_file):
        main(["voices", "add", "Bea", "-", "--db", str(tmp_path / "voices.db")])
    assert " s of voiced sound were found in 1 recording" in capfd.readouterr().err


def test_a_table_goes_to_standard_output(
    vocal_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["pitch", str(vocal_file), "--out", "-"]) == 0
    captured = capfd.readouterr()
    assert captured.out.startswith("time_s,f0_hz,voiced,confidence\n")
    assert captured.err.endswith("wrote /dev/stdout\n")


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["batch", "", "--task=pitch", "--out=results"], "SONGS..."),
        (["batch", "songs", "--task=pitch", "--out="], "--out"),
        (["pitch", ""], "FILE"),
        (["voices", "list", "--db", ""], "--db"),
    ],
)
def test_an_empty_path_is_no_folder(
    arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"Error: Invalid value for '{name}': it is empty; give a path, and check the variables of "
        "the shell"
    )

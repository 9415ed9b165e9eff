from __future__ import annotations

import signal
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import click
import pytest

from autovoice_core import AutoVoiceWarning, InputError
from autovoice_core._errors import ArgumentError
from autovoice_core.cli import COMMANDS, cli, main
from autovoice_core.pitch.extractor import SingingPitchExtractor

CUDA = ("--device", "cuda")


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli, "get_command", lambda context, name: command)


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in COMMANDS)


def test_help_and_version_import_nothing_heavy() -> None:
    code = (
        "import sys; from autovoice_core.cli import main; main(['--help']); main(['--version']);"
        "sys.exit(bool({'numpy', 'scipy', 'numba', 'onnxruntime', 'rich'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    assert "Usage: autovoice" in capsys.readouterr().out


def test_an_unknown_command_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dance"]) == 2
    assert "No such command 'dance'." in capsys.readouterr().err
    assert main(["convrt"]) == 2
    assert "No such command 'convrt' (did you mean 'convert'?)." in capsys.readouterr().err


@pytest.mark.parametrize("group", [[], ["voices"], ["models"], ["bench"]])
def test_a_group_without_a_command_prints_its_help(
    group: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(group)
    printed = "".join(capsys.readouterr())
    assert main([*group, "--help"]) == 0
    assert printed == capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("song.wav: no such file"), "song.wav: no such file"),
        (OSError("disk on fire"), "disk on fire"),
        (
            PermissionError(13, "Permission denied", "a/b"),
            "a/b: can't be used (Permission denied); check the path and its permissions",
        ),
        (MemoryError(), "out of memory; close other programs"),
        (KeyboardInterrupt(), "stopped; nothing was left half-written"),
        (click.ClickException("no"), "no"),
    ],
)  # fmt: skip
def test_a_failure_is_one_line_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    line: str,
) -> None:
    failing(monkeypatch, error)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err.strip() == f"autovoice: {line}"


def test_a_refusal_of_every_backend_is_short(
    vocal_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pitch", str(vocal_file), "--backend", "pitch=reference/nccf", *CUDA]) == 1
    line = capsys.readouterr().err
    assert line.startswith(
        "autovoice: backend 'reference/nccf', named by the option --backend, can't serve pitch on "
        "cuda, float32: "
    )
    assert line.endswith("; `autovoice backends --why pitch --device cuda` tells more\n")
    assert line.count("; ") == 1


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("fmin, fmax: no range", "--fmin, --fmax: no range"),
        ("memory_limit: too small", "--memory-limit: too small"),
        ("samples: no array", "samples: no array"),
    ],
)
def test_an_argument_is_called_by_its_option(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    vocal_file: Path,
    message: str,
    shown: str,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise ArgumentError(message)

    monkeypatch.setattr(SingingPitchExtractor, "__init__", refuse)
    assert main(["pitch", str(vocal_file)]) == 1
    assert capsys.readouterr().err == f"autovoice: {shown}\n"


def test_a_file_that_is_called_like_an_option_is_called_by_its_name(
    voice_file: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    ada = ("--voice", "Ada", "--db", str(voice_file))
    for name in ("out", "song", "voice", "source", "stems"):
        (tmp_path / name).mkdir()
    for command, name in [
        (["pitch", "out"], "out"),
        (["convert", "song", *ada], "song"),
        (["convert", "voice", *ada], "voice"),
        (["report", "source", "out", "--out", "page.html", *ada], "source"),
        (["separate", "stems", "--out", "out"], "stems"),
    ]:
        assert main(command) == 1
        assert capsys.readouterr().err == (
            f"autovoice: {name}: is a directory; give a sound file\n"
        )


def test_control_characters_of_names_are_shown_as_escapes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    failing(monkeypatch, InputError("a\x1b[31m\nb\udce9.wav: no such file"))
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == r"autovoice: a\x1b[31m\nb\udce9.wav: no such file" + "\n"


def test_a_warning_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def command() -> None:
        warnings.warn("turned down", AutoVoiceWarning, stacklevel=1)

    monkeypatch.setattr(cli, "get_command", lambda context, name: command)
    assert main(["demo"]) == 0
    assert capsys.readouterr().err == "autovoice: warning: turned down\n"


def test_it_runs_outside_the_main_thread(capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["--version"])))
    thread.start()
    thread.join()
    assert codes == [0]


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run the command line ``AUTOVOICE ...`` in a shell."""
    command = command.replace("AUTOVOICE", f"{sys.executable} -m autovoice_core.cli")
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
@pytest.mark.parametrize(
    ("command", "code", "errors"),
    [
        ("AUTOVOICE backends --json | true", 0, ""),
        ("{ AUTOVOICE --help; echo $? >&2; } | :", 0, None),
        ("AUTOVOICE --help >&-", 0, ""),
        ("AUTOVOICE --help 2>&-", 0, ""),
        ("AUTOVOICE --help <&- >&- 2>&-", 0, ""),
        ("AUTOVOICE voices show nobody --db /none >&- 2>&-", 1, ""),
    ],
)
def test_standard_streams_that_are_closed_are_no_failure_of_their_own(
    command: str, code: int, errors: str | None
) -> None:
    run = shell(command)
    assert run.returncode == code
    assert "Traceback" not in run.stderr
    assert "Exception" not in run.stderr
    assert errors is None or run.stderr == errors


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_standard_output_is_one_line() -> None:
    run = shell("AUTOVOICE --help > /dev/full")
    assert (run.returncode, run.stderr) == (
        1,
        "autovoice: standard output: can't be written (No space left on device)\n",
    )


SENT_WHILE_WRITING = """
import os, signal, sys
from autovoice_core.audio.writing import AudioWriter
from autovoice_core.cli import main

number, arguments, write = int(sys.argv[1]), sys.argv[2:], AudioWriter.write

def stopped(writer, block):
    write(writer, block)
    os.kill(os.getpid(), number)

AudioWriter.write = stopped
sys.exit(main(arguments))
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_leaves_no_half_written_file(
    tmp_path: Path, song_file: Path, voice_file: Path, name: str
) -> None:
    number = getattr(signal, name)
    arguments = ["convert", song_file, "--voice", "Ada", "--db", voice_file]
    arguments += ["--out", tmp_path / "out.flac"]
    done = subprocess.run(
        [sys.executable, "-c", SENT_WHILE_WRITING, *map(str, [int(number), *arguments])],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == 128 + number
    assert done.stderr.strip() == "autovoice: stopped; nothing was left half-written"
    assert list(tmp_path.iterdir()) == [song_file]

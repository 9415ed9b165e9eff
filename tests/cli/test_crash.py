from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import click
import pytest

from autovoice_core.cli import cli, main
from autovoice_core.cli._verbosity import with_verbosity


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command()
    def command() -> None:
        raise error

    monkeypatch.setattr(cli, "get_command", lambda context, name: with_verbosity(command))


def test_an_error_that_nobody_foresaw_is_one_line_and_its_traceback_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path / "logs")
    failing(monkeypatch, TypeError("no \x1b[2J value"))
    assert main(["demo"]) == 70
    (file,) = (tmp_path / "logs").iterdir()
    assert capsys.readouterr().err == (
        "autovoice: an error that nobody foresaw (TypeError: no \\x1b[2J value); "
        f"please report it with {file}\n"
    )
    text = file.read_text()
    assert text.startswith("autovoice demo\nautovoice-core ")
    assert "Traceback (most recent call last):" in text
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600


def test_where_no_log_can_be_written_an_unforeseen_error_is_one_line_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path / "file" / "logs")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "file"))
    failing(monkeypatch, AssertionError())
    assert main(["demo"]) == 70
    assert capsys.readouterr().err == (
        "autovoice: an error that nobody foresaw (AssertionError); "
        "please report it with the output of the same command and -v\n"
    )


def test_v_shows_the_traceback_of_an_unforeseen_error_and_the_oldest_files_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path)
    for number in range(25):
        (tmp_path / f"autovoice-crash-20200101-0000{number:02}-1.log").touch()
    others = tmp_path / "crash-of-another-program.log"
    others.touch()
    failing(monkeypatch, KeyError("name"))
    assert main(["demo", "-v"]) == 70
    others.unlink()
    assert "Traceback (most recent call last):\n" in capsys.readouterr().err
    kept = sorted(tmp_path.iterdir())
    assert len(kept) == 20
    assert "KeyError: 'name'" in kept[-1].read_text()


def test_where_the_metadata_is_missing_an_unforeseen_error_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("autovoice_core.cli._crash.version", missing)
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path / "logs")
    failing(monkeypatch, KeyError("name"))
    assert main(["demo"]) == 70
    (file,) = (tmp_path / "logs").iterdir()
    assert capsys.readouterr().err == (
        "autovoice: an error that nobody foresaw (KeyError: 'name'); "
        f"please report it with {file}\n"
    )
    assert file.read_text().startswith("autovoice demo\nautovoice-core of an unknown version, ")


def nameless(cause: ImportError) -> ImportError:
    error = ImportError("IMPORTANT: PLEASE READ THIS\nand much more")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (
            ModuleNotFoundError("No module named 'soxr'", name="soxr"),
            "the package soxr can't be imported (No module named 'soxr')",
        ),
        (
            nameless(ImportError("lapack.so: file too short", name="numpy.linalg._umath")),
            "the package numpy can't be imported (lapack.so: file too short)",
        ),
    ],
)
def test_a_package_of_others_that_is_missing_or_broken_is_no_fault_of_ours(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: ImportError,
    shown: str,
) -> None:
    failing(monkeypatch, error)
    assert main(["demo"]) == 1
    assert capsys.readouterr().err == f"autovoice: {shown}; `autovoice doctor` says more\n"


@pytest.mark.parametrize(
    "error",
    [
        ImportError("cannot import name 'x' from 'autovoice_core'", name="autovoice_core"),
        ImportError("of nothing that has a name"),
    ],
)
def test_an_import_that_fails_by_our_fault_is_an_error_that_nobody_foresaw(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: ImportError,
) -> None:
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: tmp_path)
    failing(monkeypatch, error)
    assert main(["demo"]) == 70

"""Completion in bash, zsh and fish, by the line for each that docs/cli.md gives."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve

from autovoice_core import VoiceProfile, VoiceProfileStorage
from autovoice_core.cli import COMMANDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
LINES = {
    shell: next(line for line in PAGE.read_text().splitlines() if f"={shell}_source" in line)
    for shell in ("bash", "zsh", "fish")
}


def answer(shell: str, words: str, current: str) -> list[str]:
    """Return what the command answers when a shell asks it to complete ``words``."""
    asked = {"_AUTOVOICE_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": current}
    done = subprocess.run(
        [sys.executable, "-m", "autovoice_core"],
        env=os.environ | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        ("bash", r"_autovoice_completion\(\) \{.*complete -o nosort -F _autovoice_completion"),
        ("zsh", r"#compdef autovoice\n.*compdef _autovoice_completion autovoice"),
        ("fish", r"function _autovoice_completion;.*complete --no-files --command autovoice "),
    ],
)
def test_the_script_of_each_shell_is_printed(shell: str, script: str) -> None:
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("the script for bash asks bash for its version")
    done = subprocess.run(
        [sys.executable, "-m", "autovoice_core"],
        env=os.environ | {"_AUTOVOICE_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert re.search(script, done.stdout, re.DOTALL)
    assert f"_AUTOVOICE_COMPLETE={shell}_source autovoice" in LINES[shell]


def test_commands_are_completed_without_importing_them() -> None:
    assert answer("bash", "autovoice ", "1") == [f"plain,{name}" for name in COMMANDS]
    assert answer("bash", "autovoice doc", "1") == ["plain,doctor"]
    assert answer("fish", "autovoice do", "do")[0].startswith("plain,doctor")


def test_commands_of_groups_options_values_and_files_are_completed() -> None:
    assert "plain,rename" in answer("bash", "autovoice voices re", "2")
    assert answer("bash", "autovoice doctor --p", "2") == ["plain,--probe"]
    assert answer("bash", "autovoice convert --breath s", "3") == ["plain,soften"]
    assert answer("bash", "autovoice convert so", "2") == ["file,so"]
    told = answer("zsh", "autovoice doctor --fi", "2")
    assert told[:2] == ["plain", "--fix"]
    assert told[2].startswith("Mend what is safe to mend: ")


def test_voices_are_completed_by_those_in_the_database(tmp_path: Path, voice: VoiceProfile) -> None:
    path = tmp_path / "other.db"
    with VoiceProfileStorage(path) as voices:
        for name in ("iona", "ines", "ada"):
            voices.add(evolve(voice, name=name))
    assert answer("bash", f"autovoice voices show --db {path} i", "5") == [
        "plain,ines",
        "plain,iona",
    ]
    assert answer("bash", f"autovoice convert --db {path} --voice a", "5") == ["plain,ada"]


def test_a_database_that_cannot_be_read_completes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    path.write_text("no database")
    assert answer("bash", f"autovoice convert --db {path} --voice a", "5") == [""]


def test_backends_and_devices_are_completed_by_those_of_the_plugins() -> None:
    told = answer("zsh", "autovoice convert --backend pitch=reference/n", "3")
    assert told == ["plain", "pitch=reference/nccf", "_"]
    assert answer("bash", "autovoice convert --backend se", "3") == [
        "plain,separation=reference/wrpca"
    ]
    assert answer("bash", "autovoice pitch --device a", "3") == ["plain,auto"]
    assert answer("bash", "autovoice backends --device cp", "3") == ["plain,cpu"]


def test_bash_is_told_what_follows_the_equals_sign(tmp_path: Path, voice: VoiceProfile) -> None:
    path = tmp_path / "other.db"
    with VoiceProfileStorage(path) as voices:
        voices.add(evolve(voice, name="iona"))
    # Bash takes each `=` for a word of its own.
    for words in ("--backend pitch = reference/n", "--backend = pitch = reference/n"):
        last = str(len(words.split()) + 1)
        assert answer("bash", f"autovoice convert {words}", last) == ["plain,reference/nccf"]
    assert "plain,reference/nccf" in answer("bash", "autovoice convert --backend pitch =", "4")
    assert answer("bash", f"autovoice convert --db = {path} --voice = i", "7") == ["plain,iona"]
    assert answer("bash", "autovoice convert --breath = s", "4") == ["plain,soften"]
    # One word, where a user has taken `=` from COMP_WORDBREAKS.
    told = answer("bash", "autovoice convert --backend pitch=reference/n", "3")
    assert told == ["plain,pitch=reference/nccf"]


def test_a_word_after_an_equals_sign_and_a_space_is_one_of_its_own() -> None:
    assert answer("bash", "autovoice convert --backend pitch = reference/nccf so", "6") == [
        "file,so"
    ]
    assert answer("bash", "autovoice convert --breath = ", "4") == ["file,"]


def test_formats_of_a_batch_are_completed_by_its_task() -> None:
    assert answer("bash", "autovoice batch --format f", "3") == ["plain,flac"]
    assert answer("bash", "autovoice batch --task separate --format w", "5") == ["plain,wav"]
    assert answer("bash", "autovoice batch --task pitch --format c", "5") == ["plain,csv"]


def test_completion_imports_no_module_of_a_backend() -> None:
    code = (
        "import sys; from autovoice_core.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(sorted({'numba', 'onnxruntime', 'scipy', 'torch'} & {*sys.modules}))"
    )
    words = {"COMP_WORDS": "autovoice convert --backend pitch=reference/n", "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | words | {"_AUTOVOICE_COMPLETE": "zsh_complete"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == ["plain", "pitch=reference/nccf", "_", "[]"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_completes_after_the_line_that_the_docs_give(tmp_path: Path) -> None:
    script = tmp_path / "autovoice"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m autovoice_core "$@"\n')
    script.chmod(0o755)
    code = (
        f"{LINES['bash']}\n"
        "complete -p autovoice\n"
        "COMP_WORDS=(autovoice voices re); COMP_CWORD=2\n"
        "_autovoice_completion autovoice\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", code],
        env=os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "complete -o nosort -F _autovoice_completion autovoice",
        "remove",
        "rename",
    ]

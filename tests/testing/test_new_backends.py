"""A backend that is made from an example keeps its contract before anything is changed."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from contract_runs import ROOT, run_contracts

from autovoice_core.backends.plugins.declared import ALL, OURS

NEW = ROOT / "examples" / "new.py"
PARTS = {
    "separation": "claimed or licence or shape or add_up or windows or loudness or silence",
    "pitch": "claimed or licence or windows or silence or octave",
    "conversion": "claimed or licence or key_is or timbre or windows or loudness",
    "speech": "claimed or licence or word or pause or seed",
}
"""The parts of the suites that are quick; the whole runs on the examples in a session of nox."""


def new(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(NEW), *arguments, "--folder", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def install(package: Path) -> Path:
    """Write what ``pip install -e .`` writes, without asking an index for the build backend."""
    project = tomllib.loads((package / "pyproject.toml").read_text())["project"]
    info = package / "src" / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
        f"License-Expression: {project['license']}\n"
    )
    points = project["entry-points"]["autovoice.v1"]
    lines = [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[autovoice.v1]", *lines]))
    return package / "src"


@pytest.mark.parametrize("operation", PARTS)
def test_it_keeps_its_contract(tmp_path: Path, operation: str) -> None:
    made = new(tmp_path, operation, "my_own")
    assert made.returncode == 0, made.stderr
    package = tmp_path / "autovoice-my-own"
    assert (package / "src" / "autovoice_my_own" / "py.typed").is_file()
    (package / "pytest.ini").write_text("[pytest]\n")
    done = run_contracts(package, "tests", "-k", PARTS[operation], path=[install(package)])
    assert done.returncode == 0, done.stdout
    assert re.search(r"^my_own/\w+ 1\.0: [1-9]\d* held", done.stdout, re.MULTILINE), done.stdout


def test_a_name_that_can_be_no_package_is_refused(tmp_path: Path) -> None:
    done = new(tmp_path, "pitch", "My-Own")
    assert done.returncode == 2
    assert "'My-Own' is no name such as mine; use small letters, digits and _" in done.stderr


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("cpu", "is reserved for AutoVoice itself"),
        ("all", "is reserved for AutoVoice itself"),
        ("class", "is a word of Python's own"),
    ],
)
def test_a_name_under_which_nothing_would_be_loaded_is_refused(
    tmp_path: Path, name: str, reason: str
) -> None:
    done = new(tmp_path, "pitch", name)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"new.py: error: {name!r} {reason}; choose another name"
    )
    assert not [*tmp_path.iterdir()]


def test_the_names_that_are_reserved_are_those_of_this_project() -> None:
    reserved = runpy.run_path(str(NEW))["RESERVED"]
    assert reserved == {*OURS, ALL, "core"}


def test_a_folder_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    done = new(file, "pitch", "mine")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"new.py: error: {file / 'autovoice-mine'} can't be made (Not a directory); choose another "
        "name or folder"
    )


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "autovoice-mine").mkdir()
    done = new(tmp_path, "pitch", "mine")
    assert done.returncode == 2
    assert "autovoice-mine exists; choose another name or folder" in done.stderr

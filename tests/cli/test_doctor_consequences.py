"""Findings that follow from another, which tells of a package that is hidden or missing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autovoice_core.cli.doctor.consequences import without_consequences
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.packages import Package, check_packages


def test_failed_imports_of_a_missing_package_are_told_by_its_name_alone() -> None:
    (missing,) = check_packages([Package("soundfile", None, "autovoice-core", ">=0.13")])
    sound = Finding("sound-library", "problem", "it failed (No module named 'soundfile')")
    other = Finding("core-import", "problem", "it failed (No module named 'soundfiles')")
    assert without_consequences([sound, missing, other]) == [missing, other]
    assert without_consequences([sound, other]) == [sound, other]


def test_a_backend_that_is_named_is_not_told_of_beside_its_plugin_that_is_left_out() -> None:
    text = "backend 'cpu/nccf' is not among the offers for pitch: plugin 'cpu' was left out: …"
    named = Finding("backend-choice", "problem", text)
    lacking = Finding("no-backend", "problem", "AUTOVOICE_BLOCK blocks the plugin 'cpu'")
    unknown = Finding("backend-choice", "problem", "backend 'cpu/nosuch' is not among the offers")
    assert without_consequences([lacking, named, unknown]) == [lacking, unknown]
    assert without_consequences([named]) == [named]


def test_voices_that_the_rights_of_their_database_hide_are_not_told_of_beside_these() -> None:
    text = "/x/voices.db: its owner may not read and write it (rights 000)"
    rights = Finding("rights", "problem", text)
    hidden = Finding("voices", "problem", "/x/voices.db: can't be opened")
    other = Finding("voices", "problem", "/y/voices.db: can't be opened")
    assert without_consequences([rights, hidden, other]) == [rights, other]
    open_to_all = Finding("rights", "warning", "/x/voices.db: other users may read or write it")
    assert without_consequences([open_to_all, hidden]) == [open_to_all, hidden]


def test_of_a_list_of_plugins_that_is_damaged_no_backends_are_missed() -> None:
    damaged = Finding("plugins-file", "problem", "plugins.json: not a list")
    lacking = Finding("no-backend", "problem", "no backend can do pitch here")
    assert without_consequences([damaged, lacking]) == [damaged]


def test_a_broken_package_is_told_of_in_place_of_what_fails_for_it() -> None:
    numpy = Finding("package-broken", "problem", "numpy 2 can't be imported (x)", breaks="numpy")
    soxr = Finding("package-broken", "problem", "soxr (No module named 'numpy')", breaks="soxr")
    core = Finding("core-import", "problem", "it failed (ImportError: x)")
    lacking = Finding("no-backend", "problem", "none, as numba can't be imported")
    assert without_consequences([numpy, soxr, core, lacking]) == [numpy, lacking]


@pytest.mark.parametrize("module", ["numpy", "safetensors", "soundfile"])
def test_a_module_in_the_way_of_a_package_is_the_only_problem(tmp_path: Path, module: str) -> None:
    (tmp_path / f"{module}.py").touch()
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "autovoice_core", "doctor"],
        env={**os.environ, "PYTHONPATH": paths, "AUTOVOICE_HOME": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    problems = [line for line in done.stdout.splitlines() if line.startswith("problem: ")]
    # Plugins may be missing where core is tested alone.
    (told,) = [line for line in problems if "no backend" not in line]
    assert told.startswith(f"problem: {tmp_path / module}.py is imported in place of {module} ")
    assert (done.returncode, done.stderr) == (1, "")

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

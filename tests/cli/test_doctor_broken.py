"""Packages whose metadata stay while their files are gone or damaged, as doctor sees them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fake_site import environment_using, install

from autovoice_core.cli.doctor import environment as environment_module
from autovoice_core.cli.doctor.broken import check_broken
from autovoice_core.cli.doctor.environment import Environment
from autovoice_core.cli.doctor.finding import Finding

RECORD = """somelib/__init__.py,sha256=x,10
somelib/fast.cpython-311-x86_64-linux-gnu.so,sha256=x,4096
somelib-1.0.dist-info/RECORD,,
"""
FAST = "somelib/fast.cpython-311-x86_64-linux-gnu.so"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages, in which core needs one that a test damages."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("autovoice_core.cli.doctor.broken.CORE", "core")
    install(tmp_path, "core", "1.0", "somelib")
    files = {"somelib/__init__.py": "# nothing\n", FAST: b"x" * 4096}
    install(tmp_path, "somelib", "1.0", files=files)
    (tmp_path / "somelib-1.0.dist-info" / "RECORD").write_text(RECORD)
    return tmp_path


def found() -> list[Finding]:
    return list(check_broken(environment_using("somelib")))


def broken(text: str) -> Finding:
    return Finding(
        "package-broken",
        "problem",
        f"somelib 1.0 is installed, but {text}",
        "pip install --force-reinstall somelib",
    )


def test_what_this_python_has_is_whole() -> None:
    environment = environment_using("numpy")
    assert {"numpy", "soxr"} <= environment.used
    assert list(check_broken(environment)) == []


def test_a_module_that_is_gone_is_a_problem(site: Path) -> None:
    (site / "somelib" / "__init__.py").unlink()
    assert found() == [broken("its module somelib is gone")]


def test_a_shared_library_that_is_empty_is_a_problem(site: Path) -> None:
    (site / FAST).write_bytes(b"")
    assert found() == [broken(f"its file {site / FAST} is empty")]


def test_a_shared_library_that_was_taken_away_is_none(site: Path) -> None:
    (site / FAST).unlink()
    assert found() == []


def test_a_module_that_raises_is_a_problem(site: Path) -> None:
    (site / "somelib" / "__init__.py").write_text(
        "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n"
        "    raise ImportError('pages of advice') from error\n"
    )
    text = "can't be imported (ZeroDivisionError: division by zero)"
    assert found() == [broken(text)]


def test_a_module_that_ends_its_process_is_a_problem(site: Path) -> None:
    (site / "somelib" / "__init__.py").write_text("import os\nos._exit(7)\n")
    text = "can't be imported (Python ended with exit code 7 as it imported it)"
    assert found() == [broken(text)]


def test_what_nothing_uses_may_be_broken(site: Path) -> None:
    (site / "somelib" / "__init__.py").unlink()
    installed = environment_module.find_installed()
    assert list(check_broken(Environment(installed, frozenset()))) == []


@pytest.mark.skipif(os.name == "nt", reason="no signal ends a process on Windows")
def test_a_numpy_that_ends_python_is_told_of(tmp_path: Path) -> None:
    """As one does whose library was cut short: the system stops what reads past its end."""
    kills = "import os, signal\nos.kill(os.getpid(), signal.SIGBUS)\n"
    (tmp_path / "numpy.py").write_text(kills)
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-m", "autovoice_core", "doctor"],
        env={**os.environ, "PYTHONPATH": paths, "AUTOVOICE_HOME": str(tmp_path / "data")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    told = "is installed, but can't be imported (Python was killed by SIGBUS as it imported it)"
    assert told in done.stdout

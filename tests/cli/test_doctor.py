from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve
from click.testing import CliRunner

from autovoice_core.backends import Catalogue, Entry, Fault, Licence, Offer
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import _cpp_runtime, _doctor_checks, main
from autovoice_core.cli._cpp_runtime import CppRuntime
from autovoice_core.cli._doctor_checks import Package, diagnose
from autovoice_core.cli.doctor import command

BROKEN = Path(__file__).resolve().parents[1] / "broken"


def entry(operation: Any) -> Entry:
    offer = Offer(name="x", load="a:b", devices=("cpu", "cuda"), licence=Licence("MIT"))
    return Entry("mine/x", operation, "mine 1.0", offer)


HEALTHY = Catalogue(tuple(entry(item) for item in ("separation", "pitch", "conversion")))


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Catalogue]]:
    """What discovery finds; a healthy machine unless a test changes it."""
    box = [HEALTHY]
    monkeypatch.setattr(_doctor_checks, "discover", lambda **_: box[0])
    with using_registry(Registry(host=Host())):
        yield box


def test_a_sound_installation_has_no_problem(
    found: list[Catalogue], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    release = ".".join(map(str, sys.version_info[:3]))
    assert lines[0] == f"Python: CPython {release}, {sys.executable}"
    assert lines[-1] == "no problems found"
    assert any(line.startswith("libsndfile: ") and "FLAC" in line for line in lines)
    assert f"numpy {importlib.import_module('numpy').__version__} autovoice-core >=2.0" in lines
    usable = "mine/x is usable on cpu, needs a cuda device, which this machine lacks"
    assert lines.count(usable) == 3


def test_a_device_that_can_not_be_looked_for_is_a_problem(found: list[Catalogue]) -> None:
    del found
    with using_registry(Registry(host=Host(failed_probes=(("npu", "OSError: the driver hangs"),)))):
        assert diagnose().problems == (
            "looking for a device of kind npu raised OSError: the driver hangs; update the plugin "
            "that brings it",
        )


def test_the_installation_at_hand_is_examined_without_running_it() -> None:
    result = CliRunner().invoke(command, ["--json"], catch_exceptions=False)
    data = json.loads(result.output)
    assert {package["name"] for package in data["packages"]} >= {"autovoice-core", "numpy", "attrs"}
    assert {"WAV", "FLAC"} <= set(data["formats"])
    assert data["devices"][-1] == "cpu"


def test_it_says_where_ffmpeg_is_or_what_it_is_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    main(["doctor"])
    assert (
        "\nffmpeg:      none; M4A, WMA and video are read through it\n" in capsys.readouterr().out
    )
    (tmp_path / "ffmpeg").touch(mode=0o755)
    main(["doctor"])
    assert f"\nffmpeg:      {tmp_path / 'ffmpeg'}\n" in capsys.readouterr().out


def test_faults_are_told_with_their_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(BROKEN / "crash_at_import"))
    monkeypatch.setenv("AUTOVOICE_STRICT", "1")
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    text = (
        "plugin 'crash' (crash-at-import 1.0) was left out: importing it raised "
        "ModuleNotFoundError: No module named 'a_package_that_is_not_there'"
    )
    place = lines.index(f" {text}")
    assert lines[place + 1] == "   | Traceback (most recent call last):"
    assert f"problem: {text}" in lines


def test_what_the_user_blocked_is_no_problem(found: list[Catalogue]) -> None:
    fault = Fault("odd", "odd 1.0", "blocked", "AUTOVOICE_BLOCK names it")
    found[0] = evolve(HEALTHY, faults=(fault,))
    result = CliRunner().invoke(command)
    assert result.exit_code == 0
    assert " plugin 'odd' (odd 1.0) was left out: AUTOVOICE_BLOCK names it\n" in result.output


def test_an_operation_that_nobody_serves_is_a_problem(found: list[Catalogue]) -> None:
    found[0] = Catalogue((entry("pitch"),))
    assert diagnose().problems == (
        "no backend can do separation here; install one, such as autovoice-cpu",
        "no backend can do conversion here; install one, such as autovoice-cpu",
    )


class TestPackages:
    @pytest.mark.parametrize(
        ("package", "problem"),
        [
            (
                Package("numba", None, "autovoice-cpu", ">=0.61"),
                "autovoice-cpu needs numba>=0.61, which is not installed; "
                "run `pip install 'numba>=0.61'`",
            ),
            (
                Package("numpy", "1.26.4", "autovoice-core", ">=2.0"),
                "autovoice-core needs numpy>=2.0, but 1.26.4 is installed; "
                "run `pip install 'numpy>=2.0'`",
            ),
            (
                Package("autovoice-core", "0.2.0", "autovoice-cpu", "<0.2,>=0.1"),
                "autovoice-cpu needs autovoice-core<0.2,>=0.1, but 0.2.0 is installed; "
                "run `pip install 'autovoice-core<0.2,>=0.1'`",
            ),
        ],
    )
    def test_a_package_out_of_bounds_is_a_problem(self, package: Package, problem: str) -> None:
        assert package.problem == problem

    @pytest.mark.parametrize(
        ("version", "bounds"),
        [("2.0", ">=2.0.0"), ("2.0.0rc1", ">=2"), ("0.1.9", "<0.2,>=0.1"), ("10", ">=9.1"),
         ("unknown", ""), ("0.3.0", "")],
    )  # fmt: skip
    def test_a_package_within_bounds_is_none(self, version: str, bounds: str) -> None:
        assert Package("x", version, "y", bounds).problem is None

    def test_missing_packages_of_a_plugin_are_found(
        self, monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
    ) -> None:
        wanted = {
            "autovoice-core": ["attrs (>=24)", "matplotlib>=3; extra == 'plot'", "numpy[x]>=2"],
            "mine": ["no-such-package", "numpy>=99"],
        }
        monkeypatch.setattr(_doctor_checks, "requires", wanted.get)
        assert diagnose().problems == (
            "mine needs no-such-package, which is not installed; "
            "run `pip install 'no-such-package'`",
            f"mine needs numpy>=99, but {importlib.import_module('numpy').__version__} is "
            "installed; run `pip install 'numpy>=99'`",
        )

    def test_a_tree_that_is_not_installed_can_be_examined(
        self, monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
    ) -> None:
        monkeypatch.setattr(_doctor_checks, "CORE", "a-name-that-nobody-installed")
        assert [str(package.version) for package in diagnose().packages] == ["unknown", "1.0"]


class TestSound:
    def test_a_libsndfile_that_is_not_there_is_a_problem(
        self, monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
    ) -> None:
        monkeypatch.setitem(sys.modules, "soundfile", None)
        examined = diagnose()
        assert (examined.libsndfile, examined.formats) == (None, ())
        (problem,) = examined.problems
        assert problem.startswith("sound files can't be read (ModuleNotFoundError: ")
        assert problem.endswith("); reinstall soundfile")

    def test_an_old_libsndfile_without_a_format_is_a_problem(
        self, monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
    ) -> None:
        old = ModuleType("soundfile")
        old.__dict__.update(
            __libsndfile_version__="1.0.28",
            available_formats=lambda: {"WAV": "", "FLAC": "", "OGG": ""},
        )
        monkeypatch.setitem(sys.modules, "soundfile", old)
        assert diagnose().problems == (
            "libsndfile 1.0.28 can't read MP3; update soundfile or libsndfile",
        )


class TestCppRuntime:
    old = CppRuntime("/opt/old/libstdc++.so.6", (3, 4, 9))

    def test_an_old_runtime_is_a_problem_of_the_installation(
        self, monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
    ) -> None:
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(_cpp_runtime, "find_runtime", lambda: self.old)
        monkeypatch.setattr(_cpp_runtime, "needed_version", lambda module: (3, 4, 22))
        result = CliRunner().invoke(command)
        assert result.exit_code == 1
        assert (
            "libstdc++:   /opt/old/libstdc++.so.6, up to GLIBCXX_3.4.9; SciPy needs "
            "GLIBCXX_3.4.22\n"
        ) in result.output
        assert "problem: scipy needs GLIBCXX_3.4.22, but /opt/old/libstdc++.so.6" in result.output
        data = json.loads(CliRunner().invoke(command, ["--json"]).output)
        assert data["libstdcxx"] == {
            "path": "/opt/old/libstdc++.so.6",
            "newest": "GLIBCXX_3.4.9",
            "needed_by_scipy": "GLIBCXX_3.4.22",
        }

    def test_no_runtime_is_told_as_data_and_text(
        self, monkeypatch: pytest.MonkeyPatch, found: list[Catalogue]
    ) -> None:
        monkeypatch.setattr(_cpp_runtime, "find_runtime", lambda: None)
        monkeypatch.setattr(_cpp_runtime, "needed_version", lambda module: ())
        assert "libstdc++:   none found\n" in CliRunner().invoke(command).output
        data = json.loads(CliRunner().invoke(command, ["--json"]).output)
        assert set(data["libstdcxx"].values()) == {None}

"""The C++ runtime, and libraries made up for these tests; one is the machine's, made older."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from fake_library import write_library
from fake_site import environment_using, install

from autovoice_core.cli.doctor import cpp_runtime
from autovoice_core.cli.doctor.cpp_runtime import (
    CppRuntime,
    check_runtime,
    find_runtime,
    needed_version,
    needs_of,
    newest_version,
)
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.shared_objects import symbol_names

OLD = CppRuntime("/opt/old/lib/libstdc++.so.6", (3, 4, 9))
NEEDS = {"scipy": (3, 4, 29)}
TEXT = (
    "scipy needs GLIBCXX_3.4.29, but /opt/old/lib/libstdc++.so.6, which is loaded, has only up to "
    "GLIBCXX_3.4.9; "
)

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="libstdc++ is looked for on Linux")


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs, without any."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return folder


class TestOlderThanNeeded:
    def test_that_of_the_system_is_updated_by_the_system(self, programs: Path) -> None:
        for manager, command in (
            (None, None),
            ("dnf", "sudo dnf install -y libstdc++"),
            ("apt-get", "sudo apt-get install -y libstdc++6"),
        ):
            if manager:
                (programs / manager).touch(mode=0o755)
            finding = Finding("cpp-runtime", "problem", f"{TEXT}update the system's", command)
            assert list(check_runtime(NEEDS, OLD)) == [finding]

    def test_that_of_a_conda_environment_by_conda(self, tmp_path: Path) -> None:
        (tmp_path / "conda-meta").mkdir()
        (found,) = check_runtime(NEEDS, OLD)
        assert found == Finding(
            "cpp-runtime",
            "problem",
            f"{TEXT}update that of the conda environment",
            "conda install -c conda-forge --update-deps libstdcxx-ng",
        )

    @pytest.mark.parametrize(
        ("paths", "command"),
        [
            ("/opt/old/lib", "unset LD_LIBRARY_PATH"),
            ("/opt/old/lib/:/opt/x y", "export LD_LIBRARY_PATH='/opt/x y'"),
        ],
    )
    def test_one_that_a_variable_names_is_taken_from_it(
        self, monkeypatch: pytest.MonkeyPatch, paths: str, command: str
    ) -> None:
        monkeypatch.setenv("LD_LIBRARY_PATH", paths)
        text = f"{TEXT}remove its folder from LD_LIBRARY_PATH"
        assert list(check_runtime(NEEDS, OLD)) == [Finding("cpp-runtime", "problem", text, command)]

    def test_several_packages_are_one_finding(self) -> None:
        needs = {"numpy": (3, 4, 21), "soxr": (3, 4, 9), "scipy": (3, 4, 29), "torch": (3, 4, 22)}
        (found,) = check_runtime(needs, OLD)
        assert found.text == (
            "numpy, scipy and torch need versions up to GLIBCXX_3.4.29, but "
            "/opt/old/lib/libstdc++.so.6, which is loaded, has only up to GLIBCXX_3.4.9; update "
            "the system's"
        )

    def test_none_at_all_is_to_be_installed(self, programs: Path) -> None:
        (programs / "apk").touch(mode=0o755)
        text = "scipy needs libstdc++.so.6, which is not found; install it"
        assert list(check_runtime(NEEDS, None)) == [
            Finding("cpp-runtime", "problem", text, "sudo apk add libstdc++")
        ]

    def test_one_that_is_new_enough_is_fine(self) -> None:
        assert not list(check_runtime({"scipy": (3, 4, 9)}, OLD))
        assert not list(check_runtime({}, None))


def test_other_systems_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert find_runtime() is None
    assert needs_of(environment_using("numpy")) == {}


def test_the_newest_symbol_is_by_number_not_by_letter(tmp_path: Path) -> None:
    first = write_library(tmp_path / "a.so", "GLIBCXX_3.4.9", "GLIBCXX_ASSERTIONS", "GLIBCXX_3.4")
    second = write_library(tmp_path / "b.so", "GLIBCXX_3.4.21", "GLIBCXX_3.4.99 in a comment")
    assert newest_version([first, second]) == (3, 4, 21)
    assert newest_version([]) == ()


def test_what_is_no_library_names_nothing(tmp_path: Path) -> None:
    whole = write_library(tmp_path / "a.so", "GLIBCXX_3.4.9")
    assert b"GLIBCXX_3.4.9" in symbol_names(whole)
    data = whole.read_bytes()
    for content in (b"", b"GLIBCXX_3.4.9\0", data[:50], data[:100], data[:64] + bytes(1000)):
        whole.write_bytes(content)
        assert symbol_names(whole) == b""
    assert symbol_names(tmp_path / "none.so") == b""


def test_the_need_of_a_package_is_read_from_its_extensions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        tmp_path,
        "compiled",
        "1",
        files={"compiled/__init__.py": "raise AssertionError('imported')"},
    )
    write_library(tmp_path / "compiled" / "deep" / "x.so", "GLIBCXX_3.4.30")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert needed_version("compiled") == (3, 4, 30)
    assert needed_version("json") == ()
    assert needed_version("no_such_module") == ()
    monkeypatch.setitem(sys.modules, "stand_in", ModuleType("stand_in"))
    assert needed_version("stand_in") == ()
    monkeypatch.setattr(sys, "platform", "linux")
    assert needs_of(environment_using("compiled"))["compiled"] == (3, 4, 30)


@on_linux
def test_the_runtime_of_this_process_is_the_one_it_maps() -> None:
    runtime = find_runtime()
    if runtime is None:
        pytest.skip("this machine has no libstdc++")
    assert Path(runtime.path).is_file()
    assert runtime.newest >= (3, 4)


def test_a_loader_that_finds_none_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")

    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(cpp_runtime, "ctypes", SimpleNamespace(CDLL=missing))
    assert find_runtime() is None
    monkeypatch.setattr(cpp_runtime, "ctypes", SimpleNamespace(CDLL=lambda name: None))
    monkeypatch.setattr(cpp_runtime, "SONAME", "libnobody.so")
    assert find_runtime() is None


@on_linux
def test_an_old_runtime_is_told_even_where_numpy_can_not_be_imported(tmp_path: Path) -> None:
    """The loader refuses NumPy's extensions here, as it does on such a machine."""
    runtime, needed = find_runtime(), needed_version("numpy")
    if runtime is None or not needed:
        pytest.skip("this machine's NumPy needs no libstdc++")
    old = tmp_path / "old" / cpp_runtime.SONAME
    old.parent.mkdir()
    # The first versions have one digit, and the table has no room for longer names.
    newer = re.compile(rb"\0GLIBCXX_3\.4\.\d\d(?=\0)")
    old.write_bytes(newer.sub(b"\0GLIBCXX_3.4.10", Path(runtime.path).read_bytes()))
    done = subprocess.run(
        [sys.executable, "-m", "autovoice_core.cli", "doctor", "--json"],
        env=os.environ | {"LD_LIBRARY_PATH": str(old.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)["findings"]
    (runtime_too_old,) = [item for item in findings if item["code"] == "cpp-runtime"]
    assert runtime_too_old["remedy"] == "unset LD_LIBRARY_PATH"
    assert re.fullmatch(
        rf"numpy\b.* needs? .*GLIBCXX_3\.4\.\d+, but {re.escape(str(old))}, which is loaded, has "
        r"only up to GLIBCXX_3\.4\.10; remove its folder from LD_LIBRARY_PATH",
        runtime_too_old["text"],
    )
    assert not {"core-import", "package-broken"} & {item["code"] for item in findings}

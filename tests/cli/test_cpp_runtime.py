from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from autovoice_core.cli import _cpp_runtime
from autovoice_core.cli._cpp_runtime import (
    CppRuntime,
    find_runtime,
    needed_version,
    newest_version,
    runtime_problem,
)

OLD = CppRuntime("/opt/old/libstdc++.so.6", (3, 4, 9))


def test_an_older_runtime_than_needed_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert runtime_problem("scipy", (3, 4, 29), OLD) == (
        "scipy needs GLIBCXX_3.4.29, but /opt/old/libstdc++.so.6 has only up to GLIBCXX_3.4.9; "
        "put the folder of a newer libstdc++ first in LD_LIBRARY_PATH, or remove the folder of "
        "this one from it"
    )


def test_no_runtime_at_all_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert runtime_problem("scipy", (3, 4, 29), None) == (
        "scipy needs libstdc++.so.6, which is not found; install your system's C++ runtime"
    )


def test_a_newer_runtime_or_no_need_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert runtime_problem("scipy", (3, 4, 9), OLD) is None
    assert runtime_problem("scipy", (), None) is None


def test_other_systems_have_no_such_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert runtime_problem("scipy", (3, 4, 29), None) is None
    assert find_runtime() is None


def test_the_newest_symbol_is_by_number_not_by_letter(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(b"\0GLIBCXX_3.4.9\0GLIBCXX_ASSERTIONS\0GLIBCXX_3.4\0")
    (tmp_path / "b.so").write_bytes(b"\0GLIBCXX_3.4.21\0GLIBCXX_3.4.99 in a comment")
    assert newest_version(sorted(tmp_path.iterdir())) == (3, 4, 21)
    assert newest_version([]) == ()


def test_the_need_of_a_package_is_read_from_its_extensions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "compiled" / "deep"
    folder.mkdir(parents=True)
    (tmp_path / "compiled" / "__init__.py").write_text("raise AssertionError('imported')")
    (folder / "x.so").write_bytes(b"GLIBCXX_3.4.30\0")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert needed_version("compiled") == (3, 4, 30)
    assert needed_version("json") == ()
    assert needed_version("no_such_module") == ()
    monkeypatch.setitem(sys.modules, "stand_in", ModuleType("stand_in"))
    assert needed_version("stand_in") == ()


@pytest.mark.skipif(sys.platform != "linux", reason="libstdc++ is looked for on Linux only")
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

    monkeypatch.setattr(_cpp_runtime, "ctypes", SimpleNamespace(CDLL=missing))
    assert find_runtime() is None
    monkeypatch.setattr(_cpp_runtime, "ctypes", SimpleNamespace(CDLL=lambda name: None))
    monkeypatch.setattr(_cpp_runtime, "SONAME", "libnobody.so")
    assert find_runtime() is None

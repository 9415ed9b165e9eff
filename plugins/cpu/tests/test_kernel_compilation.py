from __future__ import annotations

import errno
import os
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from autovoice_cpu.kernels import compilation

SOURCE = """
from autovoice_cpu.kernels.compilation import compiled

@compiled()
def double(x):
    return 2 * x
"""

Load = Callable[[], Any]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads a compiled function as a new process would."""
    source = tmp_path / "package" / "kernels.py"
    source.parent.mkdir()
    source.write_text(SOURCE)

    def load() -> Any:
        spec = spec_from_file_location("kernels", source)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.double

    return load


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which what is compiled is kept."""
    folder = tmp_path / "kept"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(folder))
    return folder


def loaded(function: Any) -> int:
    """Return how many times a function was read from where it is kept, not compiled."""
    return sum(function.stats.cache_hits.values())


def test_what_was_compiled_is_kept_for_other_processes(load: Load, kept: Path) -> None:
    first = load()
    assert (first(21), loaded(first)) == (42, 0)
    assert {path.suffix for path in kept.rglob("*.nb?")} == {".nbi", ".nbc"}
    second = load()
    assert (second(21), loaded(second)) == (42, 1)


def test_it_is_kept_beside_its_source_by_default(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    assert load()(21) == 42
    assert len([*tmp_path.glob("package/__pycache__/*.nb?")]) == 2


def test_without_a_folder_each_process_compiles(
    load: Load, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compilation, "kernel_folder", lambda _: None)
    assert load()(21) == 42
    assert not kept.exists()


def test_a_full_disk_keeps_nobody_from_compiling(
    load: Load, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "replace", fill)
    assert load()(21) == 42
    assert not [*kept.rglob("*.nb?")]


def test_files_cut_short_are_passed_over(load: Load, kept: Path) -> None:
    load()(21)
    for path in kept.rglob("*.nb?"):
        path.write_bytes(path.read_bytes()[:40])
    again = load()
    assert (again(21), loaded(again)) == (42, 0)

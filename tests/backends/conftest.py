from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from autovoice_core.backends import Entry, Fault, Licence, Offer, Operation
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry

BROKEN = Path(__file__).resolve().parents[1] / "broken"

Installer = Callable[..., None]
Writer = Callable[..., Path]


@pytest.fixture(autouse=True)
def isolated(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test has a registry and an environment of its own, and leaves no module behind."""
    for name in ("BLOCK", "STRICT", "SEPARATION", "PITCH", "CONVERSION"):
        monkeypatch.delenv(f"AUTOVOICE_{name}", raising=False)
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "all")
    before = set(sys.modules)
    with using_registry(Registry()):
        yield
    for name in set(sys.modules) - before:
        path = getattr(sys.modules[name], "__file__", None) or ""
        if path.startswith(str(BROKEN)) or "/pytest-" in path:
            del sys.modules[name]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """Put distributions of ``tests/broken``, or written ones, on the path."""
    with ExitStack() as registries:

        def put(*folders: str | Path) -> None:
            for folder in folders:
                monkeypatch.syspath_prepend(str(BROKEN / folder))
            registries.enter_context(using_registry(Registry()))

        yield put


@pytest.fixture
def write_plugin(tmp_path: Path, install: Installer) -> Writer:
    """Write and install a distribution ``<module>-plugin 1.0`` of one module."""

    def write(module: str, code: str, entry_points: str | None = None) -> Path:
        folder = tmp_path / module
        info = folder / f"{module}_plugin-1.0.dist-info"
        info.mkdir(parents=True)
        (folder / f"{module}.py").write_text(textwrap.dedent(code))
        (info / "METADATA").write_text(f"Name: {module}-plugin\nVersion: 1.0\n")
        points = entry_points or f"[autovoice.v1]\n{module} = {module}\n"
        (info / "entry_points.txt").write_text(points)
        install(folder)
        return info

    return write


@pytest.fixture
def backend_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An importable module ``a_backend`` for offers to name things in."""
    module = ModuleType("a_backend")
    monkeypatch.setitem(sys.modules, "a_backend", module)
    return module


def refuse(device: str) -> None:
    raise RuntimeError(f"no kernel runs on {device}")


@pytest.fixture
def probes(backend_module: ModuleType) -> list[str]:
    """The devices that ``a_backend:probe`` was called with."""
    calls: list[str] = []
    backend_module.probe = calls.append  # type: ignore[attr-defined]
    backend_module.refuse = refuse  # type: ignore[attr-defined]
    return calls


def entry(name: str = "mine/tracker", operation: Operation = "pitch", **changes: Any) -> Entry:
    """Return an offer that any need of a CPU fits, with ``changes``."""
    plugin, _, short = name.partition("/")
    offer = Offer(name=short, load="a_backend:open_it", devices=("cpu",), licence=Licence("MIT"))
    return Entry(name, operation, f"{plugin}-dist 1.0", evolve(offer, **changes))


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    return entry


Offering = Callable[..., None]


@pytest.fixture
def offering() -> Iterator[Offering]:
    """Make a catalogue the one that is installed, on a machine with ``devices``."""
    with ExitStack() as registries:

        def offer(
            *entries: Entry,
            faults: tuple[Fault, ...] = (),
            devices: tuple[str, ...] = ("cpu",),
            missing: tuple[str, ...] = (),
        ) -> None:
            host = Host(devices=devices, missing_modules=frozenset(missing))
            registry = Registry(Catalogue(entries, faults), host)
            registries.enter_context(using_registry(registry))

        yield offer

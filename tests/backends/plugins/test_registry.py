from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autovoice_core import FallbackWarning, InputError, LoadFault, Need
from autovoice_core.backends import Entry, catalogue
from autovoice_core.backends.choice.selection import select
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins import registry
from autovoice_core.backends.plugins.discovery import Discovery
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.host import Host, inspect_host
from autovoice_core.backends.plugins.registry import Registry, current_registry, using_registry

Writer = Callable[..., Path]
Make = Callable[..., Entry]


def test_sixteen_threads_make_one_discovery(
    monkeypatch: pytest.MonkeyPatch, write_plugin: Writer
) -> None:
    write_plugin(
        "counted",
        """
        import time
        from autovoice_core.backends import Licence, Offer, hookimpl
        time.sleep(0.05)  # long enough for every thread to arrive
        @hookimpl
        def autovoice_converters():
            yield Offer(name="x", load="m:x", devices=("cpu",), licence=Licence("MIT"))
        """,
    )
    discovery = registry.Discovery
    calls: list[int] = []

    def counting(**arguments: Any) -> Discovery:
        calls.append(threading.get_ident())
        return discovery(**arguments)

    monkeypatch.setattr(registry, "Discovery", counting)
    together = threading.Barrier(16)

    def look(_: int) -> Catalogue:
        together.wait()
        return catalogue()

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(look, range(16)))
    assert len(calls) == 1
    assert all(item is found[0] for item in found)
    assert "counted/x" in {entry.name for entry in found[0].offers}


def test_a_discovery_that_fails_is_tried_again(
    write_plugin: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin("broken", "raise OSError")
    monkeypatch.setenv("AUTOVOICE_STRICT", "1")
    for _ in range(2):
        with pytest.raises(LoadFault):
            catalogue()
        sys.modules.pop("broken", None)
    monkeypatch.setenv("AUTOVOICE_STRICT", "0")
    monkeypatch.setenv("AUTOVOICE_BLOCK", "broken")
    assert [fault.kind for fault in catalogue().faults] == ["blocked"]


def test_names_that_no_plugin_has_are_forgotten_and_nothing_is_discovered_anew() -> None:
    first = catalogue(["unheard"])
    assert all(catalogue([name]) is first for name in "abc")
    assert current_registry()._named == frozenset()


def test_what_is_neither_strict_nor_not_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_STRICT", "maybe")
    with pytest.raises(InputError) as caught:
        catalogue()
    assert str(caught.value) == (
        "AUTOVOICE_STRICT: 'maybe' is neither on nor off; give 1, true, yes or on, or 0, false, "
        "no or off"
    )
    monkeypatch.setenv("AUTOVOICE_STRICT", "no")
    assert catalogue() is catalogue()


def test_another_registry_discovers_the_same_again() -> None:
    first = catalogue()
    assert catalogue() is first
    with using_registry(Registry()):
        assert catalogue() is not first
        assert catalogue() == first
    assert catalogue() is first


def test_a_registry_in_force_holds_for_every_thread_and_ends_with_its_block(
    make_entry: Make,
) -> None:
    outer, own = current_registry(), Registry(Catalogue((make_entry(),)))
    with using_registry(own) as inside, ThreadPoolExecutor(1) as pool:
        assert inside is own
        assert pool.submit(catalogue).result() is own.catalogue()
    with pytest.raises(KeyError), using_registry(own):
        raise KeyError
    assert current_registry() is outer


def test_a_host_is_inspected_unless_one_is_given() -> None:
    assert Registry().host(OWN_DEVICES, ["no_such_module"]) == inspect_host(
        OWN_DEVICES, ["no_such_module"]
    )
    host = Host(devices=("cuda", "cpu"), missing_modules=frozenset({"cupy"}))
    assert Registry(host=host).host(OWN_DEVICES) == host


def test_a_probe_runs_once_in_each_registry(make_entry: Make, backend_module: ModuleType) -> None:
    calls: list[str] = []
    backend_module.probe = calls.append  # type: ignore[attr-defined]
    entry = make_entry(probe="a_backend:probe")
    for own in (Registry(), Registry()):
        assert own.probe(entry, "cpu") is None
        assert own.probe(entry, "cpu") is None
        assert own.probe(entry, "cuda") is None
    assert calls == ["cpu", "cuda"] * 2


def test_a_warning_is_given_once_in_each_registry(make_entry: Make) -> None:
    host = Host(devices=("cuda", "cpu"))
    for _ in range(2):
        with using_registry(Registry(Catalogue((make_entry(),)), host)):
            need = Need(devices=("cuda", "cpu"))
            with pytest.warns(FallbackWarning):
                select("pitch", need)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                select("pitch", need)

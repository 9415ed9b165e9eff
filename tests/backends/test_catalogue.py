from __future__ import annotations

import pickle
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from attrs.exceptions import FrozenInstanceError

from autovoice_core import LoadFault
from autovoice_core.backends import Entry, catalogue
from autovoice_core.backends.catalogue import Catalogue, reset

Writer = Callable[..., Path]


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
    discovery = import_module("autovoice_core.backends.discovery")
    discover = discovery.discover
    calls: list[int] = []

    def counting(**arguments: Any) -> Catalogue:
        calls.append(threading.get_ident())
        found: Catalogue = discover(**arguments)
        return found

    monkeypatch.setattr(discovery, "discover", counting)
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


def test_a_catalogue_is_immutable_and_pickles(make_entry: Callable[..., Entry]) -> None:
    found = Catalogue((make_entry(),))
    with pytest.raises(FrozenInstanceError):
        found.offers = ()  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_catalogue_lists_the_offers_of_an_operation(make_entry: Callable[..., Entry]) -> None:
    pitch, conversion = make_entry("a/x"), make_entry("a/y", "conversion")
    assert Catalogue((pitch, conversion)).of("conversion") == (conversion,)


def test_what_was_found_is_found_again_after_a_reset() -> None:
    first = catalogue()
    assert catalogue() is first
    reset()
    assert catalogue() is not first
    assert catalogue() == first

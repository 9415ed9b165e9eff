"""A device other than the processor: where results lie, and whether input is waited for."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from contract_runs import run_contracts

from autovoice_core import Audio
from autovoice_core.testing.contracts import in_flight

PRETENCE = """
from contextlib import contextmanager

import pytest
from autovoice_core import Audio
from autovoice_core.backends import host
from autovoice_core.testing import PitchContract
from toys.devices import OnDevice

host._has_rocm = lambda: True


@contextmanager
def making(audio):
    samples = OnDevice(audio.numpy())

    def start():
        samples.made = False

    yield Audio(samples, audio.sample_rate), start


class Pretence(PitchContract):
    @staticmethod
    def makers(device):
        yield "a pretence", making
"""
WAITED = "test_input_still_being_made_is_waited_for"
THERE = "test_results_are_on_the_device_promised"
KNOWN = "test_every_place_claimed_is_known_to_the_factory"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the contract says of trackers on a device that is pretended to be here."""
    folder = tmp_path_factory.mktemp("devices")
    asked = {
        "patient": (WAITED, THERE, KNOWN),
        "impatient": (WAITED,),
        "stays_home": (THERE,),
        "breaks": (KNOWN,),
    }
    classes = [f"class {name}(Pretence):\n    backend = 'toys/{name}'\n" for name in asked]
    (folder / "test_them.py").write_text("\n\n".join([PRETENCE, *classes]))
    (folder / "pytest.ini").write_text("[pytest]\n")
    wanted = [f"test_them.py::{name}::{test}" for name, tests in asked.items() for test in tests]
    return run_contracts(folder, "--tb=line", *wanted).stdout


def test_what_keeps_its_promises_on_a_device_is_green(said: str) -> None:
    assert "\ntoys/patient 1.0: 5 held, 0 refused as declared\n" in said


@pytest.mark.parametrize(
    "fault",
    [
        "toys/impatient reads input of a pretence before it is made, on a stream that is not the "
        "default one; ask __dlpack__ for it with your stream: ",
        "toys/stays_home was opened on rocm, but f0 is on cpu",
        "toys/breaks (toys 1.0) could not be opened on rocm: RuntimeError: there is no kernel "
        "image for this device",
    ],
)
def test_who_lies_about_a_device_that_is_here_is_caught(said: str, fault: str) -> None:
    assert fault in said


class Library:
    """As much of an array library as making input on a stream takes, with work that waits."""

    def __init__(self, *, there: bool) -> None:
        self.queue: list[Any] = []
        self.streams: list[str] = []
        self.cuda = SimpleNamespace(
            is_available=lambda: there, Stream=self.stream, stream=lambda side: side
        )
        self.float32 = np.float32

    def stream(self, **options: Any) -> Any:
        library = self

        class Side:
            def __enter__(self) -> Any:
                library.streams.append("entered")
                return self

            def __exit__(self, *_: object) -> None:
                library.streams.append("left")

            def synchronize(self) -> None:
                for work in library.queue:
                    work()
                library.queue.clear()

        return Side()

    def asarray(self, values: Any, **options: Any) -> Any:
        return np.array(values)

    def zeros_like(self, values: Any) -> Any:
        library = self

        class Late(np.ndarray):
            def copy_(self, finished: Any) -> None:
                library.queue.append(lambda: np.copyto(self, finished))

            def __setitem__(self, key: Any, finished: Any) -> None:
                self.copy_(finished)

        return np.zeros_like(values).view(Late)

    def ones(self, shape: Any, *rest: Any, **options: Any) -> Any:
        return np.ones((1, 1))

    def matmul(self, one: Any, other: Any) -> Any:
        return one


@pytest.mark.parametrize("name", ["torch", "cupy"])
def test_input_is_made_after_it_is_handed_over_on_a_stream_of_its_own(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    library = Library(there=True)
    monkeypatch.setattr(in_flight, "find_spec", lambda module: module == name)
    monkeypatch.setattr(in_flight, "import_module", lambda module: library)
    ((found, make),) = in_flight.makers("cuda")
    assert found == name
    audio = Audio(np.full((1, 4), 0.5, np.float32), 8000)
    with make(audio) as (unfinished, start):
        assert library.streams == ["entered"]
        start()
        assert not unfinished.numpy().any()
    assert np.array_equal(unfinished.numpy(), audio.numpy())
    assert library.streams == ["entered", "left"]


def test_no_library_is_asked_for_a_device_it_does_not_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_flight, "find_spec", lambda module: True)
    monkeypatch.setattr(in_flight, "import_module", lambda module: Library(there=False))
    assert list(in_flight.makers("metal")) == []
    assert list(in_flight.makers("cuda")) == []

"""The contract on a device other than the CPU: where results are, and waiting for input."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from contract_runs import run_contracts

from autovoice_core import Audio
from autovoice_core.testing.contracts.common import in_flight

FAKE_ROCM = """
from contextlib import contextmanager

import pytest
from autovoice_core import Audio
from autovoice_core.backends import own_devices
from autovoice_core.testing import PitchContract
from toys.rocm import OnDevice

own_devices.has_rocm = lambda: True


@contextmanager
def fill_late(audio):
    samples = OnDevice(audio.numpy())

    def start():
        samples.made = False

    yield Audio(samples, audio.sample_rate), start


class OnFakeDevice(PitchContract):
    @staticmethod
    def makers(device):
        yield "a fake library", fill_late
"""
WAITS = "test_input_still_being_made_is_waited_for"
ON_DEVICE = "test_results_are_on_the_device_promised"
OPENS = "test_every_place_claimed_is_known_to_the_factory"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the contract says of trackers on a device that is pretended to be here."""
    folder = tmp_path_factory.mktemp("devices")
    selected = {
        "patient": (WAITS, ON_DEVICE, OPENS),
        "impatient": (WAITS,),
        "stays_home": (ON_DEVICE,),
        "breaks": (OPENS,),
    }
    classes = [f"class {name}(OnFakeDevice):\n    backend = 'toys/{name}'\n" for name in selected]
    (folder / "test_them.py").write_text("\n\n".join([FAKE_ROCM, *classes]))
    (folder / "pytest.ini").write_text("[pytest]\n")
    wanted = [f"test_them.py::{name}::{test}" for name, tests in selected.items() for test in tests]
    return run_contracts(folder, "--tb=line", *wanted).stdout


def test_a_tracker_that_keeps_its_promises_on_a_device_passes(output: str) -> None:
    assert "\ntoys/patient 1.0: 5 held, 0 refused as declared\n" in output


@pytest.mark.parametrize(
    "fault",
    [
        "toys/impatient reads input of a fake library before it is complete, as it is computed on "
        "another stream; pass your stream to __dlpack__: ",
        "toys/stays_home was opened on rocm, but f0 is on cpu",
        "toys/breaks (toys 1.0) could not be opened on rocm: RuntimeError: there is no kernel "
        "image for this device",
    ],
)
def test_a_lie_about_a_device_that_is_present_is_caught(output: str, fault: str) -> None:
    assert fault in output


class Library:
    """The part of an array library that the contract uses, with work that is queued."""

    def __init__(self, *, available: bool) -> None:
        self.queue: list[Any] = []
        self.streams: list[str] = []
        self.cuda = SimpleNamespace(
            is_available=lambda: available, Stream=self.stream, stream=lambda side: side
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
def test_input_is_filled_after_it_is_passed_on_by_a_side_stream(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    library = Library(available=True)
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


def test_no_library_is_used_for_a_device_it_does_not_support(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(in_flight, "find_spec", lambda module: True)
    monkeypatch.setattr(in_flight, "import_module", lambda module: Library(available=False))
    assert list(in_flight.makers("metal")) == []
    assert list(in_flight.makers("cuda")) == []

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from autovoice_core.backends import Device
from autovoice_core.backends.plugins.host import inspect_host


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A module ``a_device`` for devices to name their probes in."""
    module = ModuleType("a_device")
    monkeypatch.setitem(sys.modules, "a_device", module)
    return module


def known(kind: str) -> Device:
    return Device(kind=kind, probe=f"a_device:{kind}")


def test_devices_are_found_by_their_probes_in_the_order_given(probes: Any) -> None:
    probes.npu, probes.xpu, probes.vpu = (lambda: True), (lambda: False), (lambda: True)
    found = inspect_host([known("vpu"), known("xpu"), known("npu")])
    assert (found.devices, found.known_devices) == (("vpu", "npu"), ("vpu", "xpu", "npu"))


@pytest.mark.parametrize(
    "error", [kind("the driver hangs") for kind in (OSError, SystemExit, KeyboardInterrupt)]
)
def test_a_device_whose_probe_raises_is_absent_and_says_why(
    probes: Any, error: BaseException
) -> None:
    def probe() -> bool:
        raise error

    probes.npu = probe
    found = inspect_host([known("npu"), known("xpu")])
    assert found.devices == ()
    assert found.failed_probes == (
        ("npu", f"{type(error).__name__}: the driver hangs"),
        ("xpu", "AttributeError: module 'a_device' has no attribute 'xpu'"),
    )


def test_an_interrupt_by_the_user_while_a_device_is_looked_for_is_passed_on(probes: Any) -> None:
    probes.npu = lambda: signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        inspect_host([known("npu")])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_missing_modules_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "a_stand_in", ModuleType("a_stand_in"))
    found = inspect_host((), ["json", "a_stand_in", "no_such_module", "nor_this_one"])
    assert found.missing_modules == {"no_such_module", "nor_this_one"}


def test_missing_libraries_are_told() -> None:
    assert inspect_host((), libraries=["no-such-library"]).missing_libraries == {"no-such-library"}


def test_looking_for_modules_imports_none() -> None:
    code = (
        "import sys; from autovoice_core.backends.plugins.host import inspect_host;"
        "inspect_host(modules=['scipy', 'numba']);"
        "sys.exit(bool({'scipy', 'numba', 'numpy'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

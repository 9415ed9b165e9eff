"""The record of a device, the hook that collects it, and the order of ``auto``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import BadOffer
from autovoice_core.backends import Device, catalogue
from autovoice_core.backends.device import in_order
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.discovery import discover

HEAD = "from autovoice_core.backends import Device, hookimpl\n@hookimpl\n"


def device(kind: str, **more: Any) -> Device:
    return Device(kind=kind, probe="a_device:probe", **more)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"probe": "x" * 2001}, "probe has 2,001 characters, more than the 2,000 allowed"),
        ({"kind": "XPU"}, "kind 'XPU' is not the name of a kind, such as 'xpu'"),
        ({"kind": "auto"}, "kind 'auto' is not the name of a kind, such as 'xpu'"),
        ({"kind": 1}, "kind 1 is not the name of a kind, such as 'xpu'"),
        ({"before": "cuda:0"}, "before 'cuda:0' is not the name of a kind, such as 'xpu'"),
        ({"probe": "a_device"}, "probe 'a_device' is not 'module:name'"),
        ({"memory": 3}, "memory 3 is not 'module:name'"),
        ({"dlpack": 14}, "dlpack 14 is not a tuple of DLPack's codes, such as (14,)"),
        ({"dlpack": (0,)}, "dlpack (0,) is not a tuple of DLPack's codes, such as (14,)"),
        ({"dlpack": [True]}, "dlpack (True,) is not a tuple of DLPack's codes, such as (14,)"),
    ],
)
def test_a_device_that_is_none_is_refused(changes: dict[str, Any], fault: str) -> None:
    good: dict[str, Any] = {"kind": "xpu", "probe": "a_device:probe"}
    with pytest.raises(BadOffer) as caught:
        Device(**good | changes)
    assert str(caught.value) == f"device {changes.get('kind', 'xpu')!r}: {fault}"


def kinds(*more: Device) -> list[str]:
    return [each.kind for each in in_order(OWN_DEVICES, more)]


def test_a_new_kind_comes_where_it_says_and_else_just_before_the_processor() -> None:
    assert kinds(device("npu")) == ["cuda", "rocm", "metal", "npu", "cpu"]
    assert kinds(device("tpu", before="cuda")) == ["tpu", "cuda", "rocm", "metal", "cpu"]
    assert kinds(device("npu", before="absent")) == ["cuda", "rocm", "metal", "npu", "cpu"]
    assert kinds(device("b"), device("a", before="b"))[-3:] == ["a", "b", "cpu"]


def test_of_a_kind_that_is_described_twice_the_first_description_counts() -> None:
    first, second = device("npu", dlpack=(14,)), device("npu", dlpack=(15,))
    mine = device("cuda", before="cpu")
    assert in_order(OWN_DEVICES, [first, second, mine]) == (*OWN_DEVICES[:3], first, OWN_DEVICES[3])


@given(
    st.lists(
        st.builds(device, st.from_regex(r"[a-z][a-z0-9]{0,3}", fullmatch=True), before=st.just("b"))
    )
)
def test_the_processor_stays_last_and_no_kind_comes_twice(more: list[Device]) -> None:
    ordered = kinds(*(each for each in more if each.kind != "auto"))
    assert ordered[-1] == "cpu"
    assert len(set(ordered)) == len(ordered)
    assert [kind for kind in ordered if kind in {"cuda", "rocm", "metal"}] == [
        "cuda",
        "rocm",
        "metal",
    ]


@pytest.fixture
def write(write_plugin: Callable[..., Path]) -> Callable[[str], None]:
    def write_hook(body: str) -> None:
        write_plugin("intel", f"{HEAD}def autovoice_devices():\n    {body}\n")

    return write_hook


def test_a_plugin_may_bring_a_device_and_no_offer(write: Callable[[str], None]) -> None:
    write("yield Device(kind='xpu', probe='intel:probe', before='rocm')")
    found = [each.kind for each in discover().devices]
    assert found == ["cuda", "xpu", "rocm", "metal", "cpu"]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ("yield 'xpu'", "autovoice_devices() yielded 'xpu', which is no Device"),
        ("return None", "autovoice_devices() returned None; yield Devices"),
        ("yield Device(kind='xpu', probe='x')", "device 'xpu': probe 'x' is not 'module:name'"),
        ("raise OSError('no')", "autovoice_devices() raised OSError: no"),
    ],
)
@pytest.mark.filterwarnings("ignore::autovoice_core.PluginWarning")
def test_a_hook_of_devices_that_breaks_leaves_its_plugin_out(
    write: Callable[[str], None], body: str, fault: str
) -> None:
    write(body)
    found = catalogue()
    assert [each.text for each in found.faults if each.plugin == "intel"] == [fault]
    assert found.devices == OWN_DEVICES

"""Names of devices that are known, where arrays lie, memory in use: of own and new kinds."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from attrs import evolve

from autovoice_core import InputError, Need, NoBackend, select
from autovoice_core.backends import Device, Entry, Licence, Offer
from autovoice_core.backends.device import in_order
from autovoice_core.backends.known_devices import kind_of, lies_on, memory_in_use, unknown_device
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.plugin import Plugin
from autovoice_core.backends.plugins.registry import Registry, using_registry

XPU = Device(
    kind="xpu",
    probe="an_xpu:probe",
    before="metal",
    dlpack=(14,),
    memory="an_xpu:memory",
)
NPU = Device(kind="npu", probe="an_xpu:absent")
OFFER = Offer(name="nccf", load="a:b", devices=("xpu", "tpu"), licence=Licence("MIT"))


@pytest.fixture(autouse=True)
def xpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A machine with an xpu, and plugins that know it and an npu."""
    module: Any = ModuleType("an_xpu")
    module.probe, module.absent, module.memory = (lambda: True), (lambda: False), (lambda: 7_000)
    monkeypatch.setitem(sys.modules, "an_xpu", module)
    own = tuple(evolve(each, probe="an_xpu:absent") for each in OWN_DEVICES[:3])
    devices = in_order((*own, OWN_DEVICES[3]), [XPU, NPU])
    entry = Entry("mine/nccf", "pitch", "mine 1.0", OFFER)
    with using_registry(Registry(Catalogue((entry,), (), devices))):
        yield module


def in_memory(code: int) -> Any:
    return SimpleNamespace(__dlpack_device__=lambda: (code, 0))


def test_auto_finds_a_device_that_a_plugin_brings() -> None:
    chosen = select("pitch", Need(devices=("auto",)))
    assert (chosen.device, chosen.backend) == ("xpu", "mine/nccf")


def test_a_device_that_nobody_offers_is_refused_with_what_there_is() -> None:
    with pytest.raises(NoBackend) as caught:
        select("pitch", Need(devices=("xpi",)))
    assert str(caught.value) == (
        "no backend serves pitch on xpi, float32: nobody offers a device 'xpi' (did you mean "
        "'xpu'?): known are cuda, rocm, xpu, metal, npu, cpu, tpu, of which this machine has xpu "
        "and cpu; mine/nccf (mine 1.0) runs on xpu and tpu, not on xpi; run `autovoice backends "
        "--why pitch` for details"
    )


@pytest.mark.parametrize("kind", ["auto", "cpu", "cuda", "metal", "xpu", "npu", "tpu"])
def test_a_device_that_core_or_a_plugin_or_an_offer_names_is_known(kind: str) -> None:
    assert unknown_device(kind) is None


def test_plugins_that_were_not_asked_are_named() -> None:
    plugins = (Plugin("acf", "autovoice-acf 1.0"), Plugin("mine", "mine 1.0", enabled=True))
    with using_registry(Registry(Catalogue(plugins=plugins), Host())):
        assert unknown_device("abacus") == (
            "nobody offers a device 'abacus': known are cuda, rocm, metal, cpu, of which this "
            "machine has cpu; plugins that are not enabled were not asked: acf"
        )


@pytest.mark.parametrize(
    ("code", "kind", "here"),
    [
        (14, "xpu", True),
        (2, "xpu", False),
        (13, "cuda", True),
        (1, "cuda", False),
        (14, "npu", None),
    ],
)
def test_where_an_array_lies_is_told_by_its_code(code: int, kind: str, here: bool | None) -> None:
    assert lies_on(in_memory(code), kind) is here


@pytest.mark.parametrize(
    ("code", "kind"), [(1, "cpu"), (3, "cuda"), (14, "xpu"), (99, "dlpack:99")]
)
def test_the_kind_of_an_array(code: int, kind: str) -> None:
    assert kind_of(in_memory(code)) == kind


def test_memory_in_use_is_what_the_plugin_says() -> None:
    assert memory_in_use("xpu") == 7_000


@pytest.mark.parametrize("kind", ["npu", "tpu", "metal"])
def test_no_limit_can_be_kept_where_nobody_measures_memory(kind: str) -> None:
    with pytest.raises(InputError) as caught:
        memory_in_use(kind, "AUTOVOICE_MEMORY_LIMIT")
    assert str(caught.value) == (
        f"AUTOVOICE_MEMORY_LIMIT: memory in use on {kind} can't be measured, so no limit can be "
        "kept; omit the limit, or choose another device"
    )


def test_a_probe_that_raises_is_told_where_the_device_is_missed(xpu: Any) -> None:
    del xpu.probe
    with pytest.raises(NoBackend) as caught:
        select("pitch", Need(devices=("xpu",)))
    assert (
        "mine/nccf (mine 1.0) needs a xpu device, which this machine lacks (looking for it raised "
        "xpu: AttributeError: module 'an_xpu' has no attribute 'probe')"
    ) in str(caught.value)


def test_a_machine_that_is_given_knows_the_devices_of_core() -> None:
    assert Host().known_devices == ("cuda", "rocm", "metal", "cpu")


def test_a_plugin_that_is_named_is_asked_though_it_is_not_enabled(
    write_plugin: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AUTOVOICE_PLUGINS", raising=False)
    write_plugin(
        "intel",
        """
        from autovoice_core.backends import Device, Licence, Offer, hookimpl

        @hookimpl
        def autovoice_devices():
            yield Device(kind="vpu", probe="intel:probe")

        @hookimpl
        def autovoice_separators():
            yield Offer(name="x", load="m:x", devices=("vpu",), licence=Licence("MIT"))

        def probe():
            return True
        """,
    )
    with using_registry(Registry()):
        assert "plugins that are not enabled were not asked: intel" in str(unknown_device("vpu"))
        assert unknown_device("vpu", ["intel/x"]) is None
        chosen = select("separation", Need(devices=("vpu",)), name="intel/x")
        assert chosen.device == "vpu"

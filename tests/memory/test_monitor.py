from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from autovoice_core import GPUMemoryMonitor
from autovoice_core.backends.known_devices import memory_in_use

PYTEST = "_autovoice_pytest"


class NVMLError(Exception):
    pass


class NVML(types.ModuleType):
    """NVIDIA's library with two devices, on which the second holds what a test says."""

    NVMLError = NVMLError

    def __init__(self) -> None:
        super().__init__("pynvml")
        self.open = 0
        self.process: int | None = 300
        self.fails: set[str] = set()

    def _may_fail(self, name: str) -> None:
        if name in self.fails:
            raise NVMLError("it is broken")

    def nvmlInit(self) -> None:  # noqa: N802
        self._may_fail("init")
        self.open += 1

    def nvmlShutdown(self) -> None:  # noqa: N802
        self.open -= 1

    def nvmlDeviceGetHandleByIndex(self, number: int) -> int:  # noqa: N802
        if number > 1:
            raise NVMLError("no such device")
        return number

    def nvmlDeviceGetHandleByUUID(self, name: str) -> int:  # noqa: N802
        return {"GPU-two": 1}[name]

    def nvmlDeviceGetName(self, handle: int) -> str:  # noqa: N802
        return f"GPU {handle}"

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:  # noqa: N802
        self._may_fail("info")
        return SimpleNamespace(used=(self.process or 0) + 1000, total=80_000_000_000)

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[Any]:  # noqa: N802
        mine = SimpleNamespace(pid=os.getpid(), usedGpuMemory=self.process)
        return [SimpleNamespace(pid=-1, usedGpuMemory=7), mine]


@pytest.fixture
def nvml(monkeypatch: pytest.MonkeyPatch) -> NVML:
    made = NVML()
    monkeypatch.setitem(sys.modules, "pynvml", made)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for name in ("cupy", "torch"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return made


@pytest.fixture
def pools(monkeypatch: pytest.MonkeyPatch, nvml: NVML) -> SimpleNamespace:
    """CuPy and torch as they look when loaded, with pools of the sizes that a test sets."""
    sizes = SimpleNamespace(cupy=(10, 40), torch=(20, 50))

    class Selected:
        def __init__(self, number: int) -> None: ...
        def __enter__(self) -> None: ...
        def __exit__(self, *error: object) -> None: ...

    cupy, torch = types.ModuleType("cupy"), types.ModuleType("torch")
    pool = SimpleNamespace(
        used_bytes=lambda: sizes.cupy[0],
        total_bytes=lambda: sizes.cupy[1],
    )
    cupy.cuda = SimpleNamespace(Device=Selected)  # type: ignore[attr-defined]
    cupy.get_default_memory_pool = lambda: pool  # type: ignore[attr-defined]
    torch.cuda = SimpleNamespace(  # type: ignore[attr-defined]
        is_initialized=lambda: True,
        memory_stats=lambda number: {
            "allocated_bytes.all.current": sizes.torch[0],
            "reserved_bytes.all.current": sizes.torch[1],
        },
    )
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    monkeypatch.setitem(sys.modules, "torch", torch)
    return sizes


def test_sections_have_figures_of_their_own(nvml: NVML) -> None:
    with GPUMemoryMonitor(interval=60) as monitor:
        assert monitor.current == {"device": 1300, "process": 300}
        with monitor.section("pitch") as section:
            nvml.process = 900
        with monitor.section("conversion"):
            nvml.process = 500
        with monitor.section("pitch"):
            nvml.process = 700
    assert section.before["process"] == 300
    assert section.after["process"] == 700
    assert section.peak["process"] == 900
    assert monitor.sections["conversion"].peak["process"] == 900
    assert monitor.sections["conversion"].after["process"] == 500
    assert monitor.peak == {"device": 1900, "process": 900}
    assert monitor.current["process"] == 700
    assert nvml.open == 0


def test_what_comes_and_goes_between_borders_is_seen(nvml: NVML) -> None:
    with GPUMemoryMonitor(interval=0.001) as monitor:
        nvml.process = 5000
        while monitor.peak["process"] < 5000:
            pass
        nvml.process = 300
    assert monitor.peak["process"] == 5000
    assert monitor.current["process"] == 300


def test_it_decorates_a_function_that_calls_itself(nvml: NVML) -> None:
    monitor = GPUMemoryMonitor(interval=60)

    @monitor
    def down(steps: int) -> int:
        nvml.process = 300 + 100 * steps
        return down(steps - 1) if steps else 7

    assert down(3) == 7
    assert monitor.peak["process"] == 600
    assert nvml.open == 0


def test_pools_are_read_where_their_library_is_loaded(pools: SimpleNamespace) -> None:
    with GPUMemoryMonitor(interval=60) as monitor:
        pools.torch = (30, 60)
    assert monitor.current == {
        "device": 1300,
        "process": 300,
        "cupy used": 10,
        "cupy held": 40,
        "torch used": 30,
        "torch held": 60,
    }


def test_a_report_names_the_device_and_each_section(nvml: NVML) -> None:
    nvml.process = None
    with GPUMemoryMonitor(interval=60) as monitor, monitor.section("pitch"):
        pass
    line = "device 0 MB before, 0 MB after, 0 MB at most"
    assert str(monitor) == f"GPU 0, 80.00 GB\n  all: {line}\n  pitch: {line}"


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with GPUMemoryMonitor() as monitor:
        pass
    assert str(monitor) == (
        "no device: nvidia-ml-py is not installed; pip install 'autovoice-core[memory]'"
    )
    assert monitor.device is None
    assert monitor.peak == {}


@pytest.mark.parametrize(
    ("break_it", "reason"),
    [
        (lambda nvml: nvml.fails.add("init"), "the driver does not answer: it is broken"),
        (lambda nvml: nvml.fails.add("info"), "the driver shows no device 0: it is broken"),
    ],
)
def test_why_there_is_no_device(nvml: NVML, break_it: Callable[[NVML], None], reason: str) -> None:
    break_it(nvml)
    with GPUMemoryMonitor() as monitor:
        pass
    assert str(monitor) == f"no device: {reason}"
    assert nvml.open == 0


@pytest.mark.parametrize(
    ("visible", "name"), [("1,0", "GPU 1"), (" GPU-two", "GPU 1"), ("0", "GPU 0")]
)
def test_devices_are_counted_as_cuda_shows_them(
    nvml: NVML, monkeypatch: pytest.MonkeyPatch, visible: str, name: str
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    with GPUMemoryMonitor() as monitor:
        pass
    assert monitor.device == name


def test_a_device_that_is_not_shown_is_missing(nvml: NVML, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with GPUMemoryMonitor() as monitor:
        pass
    assert str(monitor) == "no device: CUDA_VISIBLE_DEVICES shows no device 0"


def test_what_a_pool_keeps_for_later_is_not_held(nvml: NVML, pools: SimpleNamespace) -> None:
    assert memory_in_use("cuda") == 300 - (40 - 10) - (50 - 20)
    nvml.process = None  # as inside a container
    assert memory_in_use("cuda") == 10 + 20


def test_a_process_holds_what_it_uses() -> None:
    before = memory_in_use("cpu")
    kept = bytearray(b"x" * 50_000_000)
    assert 40_000_000 < memory_in_use("cpu") - before < 60_000_000
    assert len(kept) == 50_000_000


pytest_plugins = ["pytester"]


def test_a_test_gets_a_monitor_as_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_it(memory_monitor):
            with memory_monitor.section("work") as section:
                pass
            assert section.peak == memory_monitor.current
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)

"""Reasons why a GPU can't be used, each a sentence of its own."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from on_host import HostMachine

from autovoice_core import Audio, InputError, NoBackend, Stems
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.backends.choice.selection import plan, select
from autovoice_core.backends.need import Need
from autovoice_core.backends.plugins.host import Host, inspect_host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_cuda import device, nccf, retrieval, wrpca
from autovoice_cuda.kernels import launch_pitch_detection


class CUDARuntimeError(RuntimeError):
    pass


class OutOfMemoryError(MemoryError):
    pass


class CompileException(Exception):  # as CuPy calls it
    pass


class NVRTCError(RuntimeError):
    pass


def cupy_on(
    *,
    driver: int = 13000,
    runtime: int = 13020,
    count: Any = 1,
    capability: tuple[int, int] = (9, 0),
) -> SimpleNamespace:
    """Return what `check_device` asks of CuPy, on a machine with these facts."""

    def counted() -> int:
        if isinstance(count, Exception):
            raise count
        return count

    attributes = dict(
        zip(("ComputeCapabilityMajor", "ComputeCapabilityMinor"), capability, strict=True)
    )
    calls = SimpleNamespace(
        driverGetVersion=lambda: driver,
        runtimeGetVersion=lambda: runtime,
        getDeviceCount=counted,
        CUDARuntimeError=CUDARuntimeError,
    )
    cuda = SimpleNamespace(
        runtime=calls,
        Device=lambda: SimpleNamespace(attributes=attributes),
        memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
        compiler=SimpleNamespace(CompileException=CompileException),
        nvrtc=SimpleNamespace(NVRTCError=NVRTCError, getVersion=lambda: (13, 2)),
    )
    return SimpleNamespace(cuda=cuda)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"driver": 0}, "there is no NVIDIA driver on this machine; install one"),
        (
            {"driver": 12080},
            "the driver is for CUDA 12.8 and CuPy for CUDA 13.2; update the driver or install "
            "cupy-cuda12x in place of this CuPy",
        ),
        (
            {"count": CUDARuntimeError("cudaErrorSystemDriverMismatch")},
            "the driver does not start (cudaErrorSystemDriverMismatch); see nvidia-smi",
        ),
        (
            {"count": 0},
            "the driver shows no device; see nvidia-smi and CUDA_VISIBLE_DEVICES",
        ),
        (
            {"capability": (7, 5)},
            "the device has compute capability 7.5 and the kernels need 8.0 (Ampere); use a newer "
            "GPU or the cpu backend",
        ),
    ],
)
def test_what_is_wrong_with_the_machine_is_said(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], reason: str
) -> None:
    monkeypatch.setitem(sys.modules, "cupy", cupy_on(**facts))
    with pytest.raises(RuntimeError) as caught:
        nccf.probe_nccf("cuda")
    assert str(caught.value) == reason


def test_a_machine_on_which_all_is_well_is_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", cupy_on())
    device.check_device()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            OutOfMemoryError("Out of memory allocating 512 bytes"),
            "the device has no memory left for even a short tone; end other programs on it, see "
            "nvidia-smi",
        ),
        (
            CUDARuntimeError("cudaErrorMemoryAllocation: out of memory"),
            "the device has no memory left for even a short tone; end other programs on it, see "
            "nvidia-smi",
        ),
        (CUDARuntimeError("cudaErrorECCUncorrectable"), "cudaErrorECCUncorrectable"),
        (
            NVRTCError("NVRTC_ERROR_INVALID_OPTION"),
            "NVRTC 13.2 does not compile for this device (NVRTC_ERROR_INVALID_OPTION); install "
            "the toolkit that belongs to CuPy, `pip install 'cupy-cuda13x[ctk]'`",
        ),
        (
            ImportError("libcufft.so.12: cannot open shared object file"),
            "CuPy can't find a CUDA library (libcufft.so.12: cannot open shared object file); "
            "install the toolkit that belongs to it, `pip install 'cupy-cuda13x[ctk]'`",
        ),
        (
            np.array([110.0]),
            "a tone of 220 Hz was tracked as 110 Hz; the driver or the device is faulty",
        ),
    ],
)
def test_what_goes_wrong_in_the_probe_is_said(
    monkeypatch: pytest.MonkeyPatch, fault: Any, reason: str
) -> None:
    class Faulty:
        def estimate(self, *arguments: Any) -> SimpleNamespace:
            if isinstance(fault, Exception):
                raise fault
            return SimpleNamespace(f0=fault)

    monkeypatch.setitem(sys.modules, "cupy", cupy_on())
    monkeypatch.setattr(nccf, "open_nccf", lambda **_: Faulty())
    with pytest.raises(RuntimeError) as caught:
        nccf.probe_nccf("cuda")
    assert str(caught.value) == reason


def on_host(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Put a GPU here that is none: arrays of NumPy, and kernels on the processor."""
    monkeypatch.setitem(sys.modules, "cupy", cupy_on())
    gpu = HostMachine()
    gpu.xp = DeviceNamespace(gpu.xp, "cpu")
    for module in (retrieval, wrpca):
        monkeypatch.setattr(module, "machine", lambda: gpu)
    return gpu


def test_a_separator_whose_stems_do_not_add_up_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    on_host(monkeypatch)
    wrpca.probe_wrpca("cuda")

    class Faulty:
        def separate(self, mixture: Audio) -> Stems:
            return Stems(mixture, mixture)

    monkeypatch.setattr(wrpca, "open_wrpca", lambda **_: Faulty())
    with pytest.raises(RuntimeError) as caught:
        wrpca.probe_wrpca("cuda")
    assert str(caught.value) == (
        "the stems do not add up to the mixture; the driver or the device is faulty"
    )


def test_an_oscillator_that_stands_still_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = on_host(monkeypatch)
    retrieval.probe_retrieval("cuda")
    monkeypatch.setattr(gpu, "launch", lambda *arguments: arguments[-1].fill(1.0))
    with pytest.raises(RuntimeError) as caught:
        retrieval.probe_retrieval("cuda")
    assert str(caught.value) == (
        "an oscillator returns wrong values; the driver or the device is faulty"
    )


def test_a_plan_for_a_gpu_keeps_all_three_operations_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry = Registry(host=Host(devices=("cuda", "cpu")))
    # The probes have tests of their own.
    monkeypatch.setattr(registry, "probe", lambda *_: None)
    offered = {"SEPARATION": "wrpca", "PITCH": "nccf", "CONVERSION": "retrieval"}
    for operation, name in offered.items():
        monkeypatch.setenv(f"AUTOVOICE_{operation}", f"cuda/{name}")
    with using_registry(registry):
        found = plan(Need(devices=("cuda",)))
    chosen = (found.separation, found.pitch, found.conversion)
    assert [each.device for each in chosen] == ["cuda"] * 3
    assert [each.backend for each in chosen] == [f"cuda/{name}" for name in offered.values()]


@pytest.mark.parametrize(
    ("backend", "opener"),
    [
        ("wrpca", wrpca.open_wrpca),
        ("nccf", nccf.open_nccf),
        ("retrieval", retrieval.open_retrieval),
    ],
)
@pytest.mark.parametrize(("place", "dtype"), [("cpu", "float32"), ("cuda", "float16")])
def test_what_is_not_offered_is_refused(backend: str, opener: Any, place: str, dtype: str) -> None:
    with pytest.raises(InputError) as caught:
        opener(device=place, dtype=dtype)
    assert str(caught.value) == (
        f"device, dtype: cuda/{backend} runs on cuda in float32, not on {place} in {dtype}; "
        "ask for those or choose another backend"
    )


@pytest.mark.parametrize(
    ("operation", "name"),
    [("separation", "cuda/wrpca"), ("pitch", "cuda/nccf"), ("conversion", "cuda/retrieval")],
)
def test_a_machine_without_a_gpu_says_so_when_it_is_asked_for(operation: Any, name: str) -> None:
    if "cuda" in inspect_host().devices:
        pytest.skip("there is a GPU here")
    with pytest.raises(NoBackend, match=name):
        select(operation, Need(devices=("cuda",)), name=name)


def test_audio_on_the_host_is_refused() -> None:
    with pytest.raises(InputError, match="audio: it is not on a CUDA device"):
        launch_pitch_detection(np.zeros((1, 100), np.float32), 8000)

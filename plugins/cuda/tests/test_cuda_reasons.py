"""Why a GPU can't be used is said in one sentence, each by its own."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autovoice_core import InputError, NoBackend
from autovoice_core.backends.host import look
from autovoice_core.backends.offer import Need
from autovoice_core.backends.selection import select
from autovoice_cuda import device, pitch
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
        pitch.probe_nccf("cuda")
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
            np.array([110.0]),
            "a tone of 220 Hz was heard as 110 Hz; the driver or the device is faulty",
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
    monkeypatch.setattr(pitch, "open_nccf", lambda **_: Faulty())
    with pytest.raises(RuntimeError) as caught:
        pitch.probe_nccf("cuda")
    assert str(caught.value) == reason


@pytest.mark.parametrize(("place", "dtype"), [("cpu", "float32"), ("cuda", "float16")])
def test_what_is_not_offered_is_refused(place: str, dtype: str) -> None:
    with pytest.raises(InputError) as caught:
        pitch.open_nccf(device=place, dtype=dtype)
    assert str(caught.value) == (
        f"device, dtype: cuda/nccf runs on cuda in float32, not on {place} in {dtype}; ask for "
        "those or choose another backend"
    )


def test_a_machine_without_a_gpu_says_so_when_it_is_asked_for() -> None:
    if "cuda" in look().devices:
        pytest.skip("there is a GPU here")
    with pytest.raises(NoBackend, match="cuda/nccf"):
        select("pitch", Need(devices=("cuda",)), name="cuda/nccf")


def test_audio_on_the_host_is_refused() -> None:
    with pytest.raises(InputError, match="audio: it does not lie on a CUDA device"):
        launch_pitch_detection(np.zeros((1, 100), np.float32), 8000)

"""Reasons why a GPU can't be used, each a sentence of its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("triton", reason="triton is not installed")

import array_api_compat.torch

from autovoice_core import Audio, InputError, Stems
from autovoice_core._device_arrays import DeviceNamespace
from autovoice_core.backends.choice.selection import plan
from autovoice_core.backends.need import Need
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_triton import nccf, retrieval, wrpca
from autovoice_triton.kernels import launch_pitch_detection

NO_DRIVER = RuntimeError(
    "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed "
    "a driver from http://www.nvidia.com/Download/index.aspx"
)


def has(
    monkeypatch: pytest.MonkeyPatch,
    *,
    cuda: str | None = "13.0",
    start: Exception | None = None,
    count: int = 1,
    capability: tuple[int, int] = (9, 0),
) -> None:
    def started() -> None:
        if start is not None:
            raise start

    monkeypatch.setattr(torch.version, "cuda", cuda)
    monkeypatch.setattr(torch.cuda, "init", started)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (
            {"cuda": None},
            f"torch {torch.__version__} was built without CUDA; install a build for your driver, "
            "see pytorch.org",
        ),
        (
            {"start": NO_DRIVER},
            "torch does not reach the GPU: Found no NVIDIA driver on your system; see nvidia-smi",
        ),
        ({"count": 0}, "the driver shows no device; see nvidia-smi and CUDA_VISIBLE_DEVICES"),
        (
            {"capability": (7, 5)},
            "the device has compute capability 7.5 and the kernels are for 8.0 (Ampere) and newer; "
            "use a newer GPU or the cpu backend",
        ),
    ],
)
def test_what_is_wrong_with_the_machine_is_said(
    monkeypatch: pytest.MonkeyPatch, facts: dict[str, Any], reason: str
) -> None:
    has(monkeypatch, **facts)
    with pytest.raises(RuntimeError) as caught:
        nccf.probe_nccf("cuda")
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (
            torch.OutOfMemoryError("CUDA out of memory."),
            "the device has no memory left for even a short tone; end other programs on it, see "
            "nvidia-smi",
        ),
        (
            np.array([110.0]),
            "a tone of 220 Hz was tracked as 110 Hz; update Triton and the driver, which do not "
            "match",
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

    has(monkeypatch)
    monkeypatch.setattr(nccf, "open_nccf", lambda **_: Faulty())
    with pytest.raises(RuntimeError) as caught:
        nccf.probe_nccf("cuda")
    assert str(caught.value) == reason


def on_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a GPU here that is none: tensors on the processor."""
    has(monkeypatch)
    for module in (retrieval, wrpca):
        monkeypatch.setattr(
            module, "arrays", lambda: DeviceNamespace(array_api_compat.torch, "cpu")
        )


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
    on_host(monkeypatch)

    class Kernels:
        tone = staticmethod(lambda phase: torch.cos(2 * torch.pi * phase))

        def oscillators(self, phase: Any, *_: Any) -> Any:
            return self.tone(phase).to(torch.float32)

    converter = SimpleNamespace(
        xp=DeviceNamespace(array_api_compat.torch, "cpu"), kernels=Kernels()
    )
    monkeypatch.setattr(retrieval, "open_retrieval", lambda **_: converter)
    retrieval.probe_retrieval("cuda")
    converter.kernels.tone = torch.ones_like
    with pytest.raises(RuntimeError) as caught:
        retrieval.probe_retrieval("cuda")
    assert str(caught.value) == (
        "an oscillator returns wrong values; update Triton and the driver, which do not match"
    )


def test_a_plan_for_a_gpu_keeps_all_three_operations_on_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    registry = Registry(host=Host(devices=("cuda", "cpu")))
    # The probes have tests of their own.
    monkeypatch.setattr(registry, "probe", lambda *_: None)
    offered = {"SEPARATION": "wrpca", "PITCH": "nccf", "CONVERSION": "retrieval"}
    for operation, name in offered.items():
        monkeypatch.setenv(f"AUTOVOICE_{operation}", f"triton/{name}")
    with using_registry(registry):
        found = plan(Need(devices=("cuda",)))
    chosen = (found.separation, found.pitch, found.conversion)
    assert [each.device for each in chosen] == ["cuda"] * 3
    assert [each.backend for each in chosen] == [f"triton/{name}" for name in offered.values()]


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
        f"device, dtype: triton/{backend} runs on cuda in float32, not on {place} in {dtype}; "
        "ask for those or choose another backend"
    )


def test_audio_on_the_host_is_refused() -> None:
    with pytest.raises(InputError, match="audio: it is not on a CUDA device"):
        launch_pitch_detection(torch.zeros(1, 100), 8000)

from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core.backends import own_devices
from autovoice_core.backends.plugins.host import inspect_host


class Files:
    """A stand-in for ``Path`` on a machine that has only these files."""

    def __init__(self, *present: str) -> None:
        self.present = present

    def __call__(self, *parts: str) -> Path:
        present = self.present

        class Some(type(Path())):  # type: ignore[misc]
            def exists(self, **options: bool) -> bool:
                return self.as_posix() in present

            def glob(self, pattern: str, **options: bool) -> list[Path]:
                return [
                    Path(item)
                    for item in present
                    if Path(item).parent == self and Path(item).match(pattern)
                ]

        return Some(*parts)


def devices(
    monkeypatch: pytest.MonkeyPatch, *files: str, platform: str = "linux"
) -> tuple[str, ...]:
    monkeypatch.setattr(own_devices, "Path", Files(*files))
    monkeypatch.setattr(own_devices.sys, "platform", platform)
    return inspect_host().devices


@pytest.fixture(autouse=True)
def no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_a_plain_machine_has_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices(monkeypatch) == ("cpu",)


@pytest.mark.parametrize("file", ["/dev/nvidia0", "/dev/nvidia3", "/usr/lib/wsl/lib/libcuda.so.1"])
def test_an_nvidia_driver_is_a_cuda_device(monkeypatch: pytest.MonkeyPatch, file: str) -> None:
    assert devices(monkeypatch, file) == ("cuda", "cpu")


def test_the_control_node_alone_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices(monkeypatch, "/dev/nvidiactl") == ("cpu",)


@pytest.mark.parametrize("value", ["", "-1", " ", "NoDevFiles"])
def test_hidden_cuda_devices_are_not_found(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", value)
    assert devices(monkeypatch, "/dev/nvidia0") == ("cpu",)


def test_shown_cuda_devices_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,2")
    assert devices(monkeypatch, "/dev/nvidia1") == ("cuda", "cpu")


def test_an_amd_driver_is_a_rocm_device(monkeypatch: pytest.MonkeyPatch) -> None:
    assert devices(monkeypatch, "/dev/kfd") == ("rocm", "cpu")


def test_windows_has_its_driver_in_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYSTEMROOT", "/windows")
    file = "/windows/System32/nvcuda.dll"
    assert devices(monkeypatch, file, platform="win32") == ("cuda", "cpu")
    assert devices(monkeypatch, platform="win32") == ("cpu",)


@pytest.mark.parametrize(("machine", "found"), [("arm64", ("metal", "cpu")), ("x86_64", ("cpu",))])
def test_metal_is_apple_silicon(
    monkeypatch: pytest.MonkeyPatch, machine: str, found: tuple[str, ...]
) -> None:
    monkeypatch.setattr(own_devices.platform, "machine", lambda: machine)
    assert devices(monkeypatch, platform="darwin") == found

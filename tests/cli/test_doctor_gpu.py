"""The driver of the GPU, told by a kernel module or an ``nvidia-smi`` of the tests' own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from fake_site import environment_using, install

from autovoice_core.cli.doctor import gpu
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.gpu import check_driver, find_driver, newest_cuda

OPEN_MODULE = (
    "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  "
    "(dvs-builder@U22)  Sun Jul 27 07:14:28 UTC 2025\n"
    "GCC version:  gcc version 11.4.0 (Ubuntu 11.4.0-1ubuntu1~22.04)\n"
)


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs, without any; and no kernel module."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(gpu, "KERNEL_MODULE", tmp_path / "version")
    return folder


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    return tmp_path / "site"


def load_driver(version: str, folder: Path) -> None:
    """Let ``nvidia-smi`` tell of a driver."""
    program = folder / "nvidia-smi"
    program.write_text(f"#!/bin/sh\necho {version}\n")
    program.chmod(0o755)


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")


@needs_scripts
def test_a_driver_that_is_too_old_for_torch_is_a_problem(site: Path, programs: Path) -> None:
    install(site, "torch", "2.9.0+cu130")
    load_driver("535.104.05", programs)
    (programs / "ubuntu-drivers").touch(mode=0o755)
    assert list(check_driver(environment_using("torch", devices=("cpu", "cuda")))) == [
        Finding(
            "gpu-driver",
            "problem",
            "torch 2.9.0+cu130 is built for CUDA 13, which needs driver 580 or newer, but "
            "535.104.05 is loaded; update the driver, or install torch for CUDA 12",
            "sudo ubuntu-drivers install",
        )
    ]


@needs_scripts
def test_where_no_plugin_runs_on_the_gpu_it_is_a_warning(site: Path, programs: Path) -> None:
    install(site, "torch", "2.9.0+cu130")
    load_driver("535.104.05", programs)
    (found,) = check_driver(environment_using("torch"))
    assert found.severity == "warning"
    assert found.remedy is None  # of no system that is known


@needs_scripts
def test_a_cupy_that_is_too_new_is_replaced_by_one_that_fits(site: Path, programs: Path) -> None:
    install(site, "cupy-cuda13x", "14.0.1")
    load_driver("550.54.14", programs)
    assert list(check_driver(environment_using("cupy", devices=("cuda",)))) == [
        Finding(
            "gpu-driver",
            "problem",
            "cupy-cuda13x 14.0.1 is built for CUDA 13, which needs driver 580 or newer, but "
            "550.54.14 is loaded; update the driver",
            "pip uninstall -y cupy-cuda13x && pip install 'cupy-cuda12x[ctk]'",
        )
    ]


@needs_scripts
def test_a_driver_that_no_cupy_runs_on_is_to_be_updated(site: Path, programs: Path) -> None:
    install(site, "cupy-cuda12x", "14.0.1")
    load_driver("470.82.01", programs)
    (programs / "apt-get").touch(mode=0o755)
    (found,) = check_driver(environment_using("cupy", devices=("cuda",)))
    assert found.remedy == "sudo apt-get install -y nvidia-driver"


@pytest.mark.parametrize(
    ("version", "content", "cuda"),
    [
        ("2.5.1+cu118", "", 11),
        ("2.5.1+cpu", "cuda: Optional[str] = '12.4'", None),
        ("2.5.1", "debug = False\ncuda: Optional[str] = '12.4'\nhip = None\n", 12),
        ("2.5.1", "cuda: Optional[str] = None\n", None),
    ],
)
def test_torch_says_what_it_is_built_for(
    site: Path, version: str, content: str, cuda: int | None
) -> None:
    install(site, "torch", version, files={"torch/version.py": content})
    assert gpu.cuda_of(environment_using("torch").in_force["torch"]) == cuda


def test_a_torch_without_files_says_nothing(site: Path) -> None:
    install(site, "torch", "2.5.1")
    assert gpu.cuda_of(environment_using("torch").in_force["torch"]) is None


def test_a_driver_that_is_new_enough_or_not_there_is_fine(site: Path) -> None:
    install(site, "torch", "2.9.0+cu130")
    environment = environment_using("torch", devices=("cuda",))
    assert not list(check_driver(environment))
    gpu.KERNEL_MODULE.write_text(OPEN_MODULE)
    assert find_driver() == "580.65.06"
    assert not list(check_driver(environment))


@needs_scripts
def test_an_nvidia_smi_that_fails_tells_of_no_driver(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = programs / "nvidia-smi"
    program.write_text(
        "#!/bin/sh\necho 'NVIDIA-SMI has failed because no driver is loaded'\nexit 9\n"
    )
    program.chmod(0o755)
    assert find_driver() is None
    program.write_text("not a program")
    assert find_driver() is None
    program.write_text("#!/bin/sh\n/bin/sleep 9\n")
    monkeypatch.setattr(gpu, "_SECONDS", 0.1)
    assert find_driver() is None


@pytest.mark.parametrize(("driver", "cuda"), [("580.65", 13), ("525.60.13", 12), ("390.1", None)])
def test_a_driver_runs_generations_up_to_its_own(driver: str, cuda: int | None) -> None:
    assert newest_cuda(driver) == cuda

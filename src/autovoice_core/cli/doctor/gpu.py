"""The driver of an NVIDIA GPU, compared with what the installed torch and CuPy need."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from autovoice_core._programs import find_program
from autovoice_core.cli.doctor.environment import Environment, is_cupy
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.installed import Installed
from autovoice_core.cli.doctor.system import install_command
from autovoice_core.cli.doctor.versions import local_label

LEAST_DRIVERS = {11: 450, 12: 525, 13: 580}
"""The first branch of drivers that runs programs of each generation of CUDA.

From NVIDIA's "CUDA Compatibility": every release of a generation runs on them.
"""

KERNEL_MODULE = Path("/proc/driver/nvidia/version")
"""On Linux, says which driver is loaded."""

_DRIVER = re.compile(r"\b\d{3,4}\.\d+(?:\.\d+)*\b")
_TORCH_CUDA = re.compile(r"^cuda\b[^=]*=\s*['\"](\d+)\.", re.MULTILINE)
_SECONDS = 5.0


def find_driver() -> str | None:
    """Return the version of the NVIDIA driver, e.g. ``"535.104.05"``; None if there is none."""
    try:
        text = KERNEL_MODULE.read_text(encoding="ascii", errors="replace")
    except OSError:
        text = _ask_nvidia_smi()
    found = _DRIVER.search(text)
    return found[0] if found else None


def newest_cuda(driver: str) -> int | None:
    """Return the newest generation of CUDA that a driver runs, of those known; None if none."""
    branch = int(driver.partition(".")[0])
    return max((cuda for cuda, least in LEAST_DRIVERS.items() if branch >= least), default=None)


def check_driver(environment: Environment) -> Iterator[Finding]:
    """Yield torch and CuPy that are built for a newer CUDA than the driver runs."""
    needs = {item: cuda for item in environment.in_force.values() if (cuda := cuda_of(item))}
    driver = find_driver() if needs else None
    if driver is None:
        return
    for item, cuda in needs.items():
        least = LEAST_DRIVERS.get(cuda)
        if least is not None and int(driver.partition(".")[0]) < least:
            used = "cuda" in environment.devices and item.key in environment.used
            yield Finding(
                "gpu-driver",
                "problem" if used else "warning",
                f"{item.name} {item.version} is built for CUDA {cuda}, which needs driver "
                f"{least} or newer, but {driver} is loaded; update the driver"
                f"{_older_build(item, newest_cuda(driver))}",
                _remedy(item, driver),
            )


def cuda_of(item: Installed) -> int | None:
    """Return the generation of CUDA that torch or CuPy was built for; None for neither."""
    if is_cupy(item):
        found = re.search(r"cuda(\d{2})", item.key)
        return int(found[1]) if found else None
    if item.key != "torch":
        return None
    label = local_label(item.version)
    if label:
        found = re.fullmatch(r"cu(\d{2})\d", label)
        return int(found[1]) if found else None
    try:
        text = (item.folder / "torch" / "version.py").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    found = _TORCH_CUDA.search(text)
    return int(found[1]) if found else None


def _older_build(item: Installed, cuda: int | None) -> str:
    return f", or install {item.name} for CUDA {cuda}" if cuda and item.key == "torch" else ""


def _remedy(item: Installed, driver: str) -> str | None:
    older = newest_cuda(driver)
    if is_cupy(item) and older in (12, 13):
        return f"pip uninstall -y {item.key} && pip install 'cupy-cuda{older}x[ctk]'"
    return install_command("NVIDIA driver")


def _ask_nvidia_smi() -> str:
    program = find_program("nvidia-smi")
    if program is None:
        return ""
    try:
        return subprocess.run(  # noqa: S603  # the program that comes with the driver
            [program, "--query-gpu=driver_version", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            check=False,
            timeout=_SECONDS,
        ).stdout
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return ""

"""Commands of this system: to install a package of it, and to set its clock."""

from __future__ import annotations

import shutil
import sys
from typing import Literal

SystemPackage = Literal["ffmpeg", "libstdc++", "NVIDIA driver"]

_INSTALL = {
    "apt-get": "sudo apt-get install -y {}",
    "dnf": "sudo dnf install -y {}",
    "zypper": "sudo zypper install -y {}",
    "pacman": "sudo pacman -S --noconfirm {}",
    "apk": "sudo apk add {}",
    "brew": "brew install {}",
    "winget": "winget install {}",
}
"""Package managers, in the order in which they are looked for, and how they install."""

_NAMES: dict[SystemPackage, dict[str, str]] = {
    "ffmpeg": dict.fromkeys(_INSTALL, "ffmpeg"),
    "libstdc++": {
        "apt-get": "libstdc++6",
        "dnf": "libstdc++",
        "zypper": "libstdc++6",
        "pacman": "gcc-libs",
        "apk": "libstdc++",
    },
    "NVIDIA driver": {"apt-get": "nvidia-driver", "dnf": "akmod-nvidia", "pacman": "nvidia"},
}


def install_command(package: SystemPackage) -> str | None:
    """Return the command that installs or updates a package of the system; None if unknown."""
    if package == "NVIDIA driver" and shutil.which("ubuntu-drivers"):
        return "sudo ubuntu-drivers install"
    for manager, command in _INSTALL.items():
        if manager in _NAMES[package] and shutil.which(manager):
            return command.format(_NAMES[package][manager])
    return None


def clock_command() -> str | None:
    """Return the command that sets the clock by the network; None if unknown."""
    if sys.platform == "win32":
        return "w32tm /resync"
    if sys.platform == "darwin":
        return "sudo sntp -sS time.apple.com"
    return "sudo timedatectl set-ntp true" if shutil.which("timedatectl") else None

"""Paths that are neither files nor folders: FIFOs, devices and sockets."""

from __future__ import annotations

import stat
from pathlib import Path


def is_special_file(path: str | Path) -> bool:
    """Return whether ``path`` exists and is neither a file nor a folder."""
    try:
        mode = Path(path).stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)

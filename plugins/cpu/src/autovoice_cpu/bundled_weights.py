"""Reader of the weights of a network that another package bundles."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch


def read_weights(package: str, file: str, max_bytes: int, extra: str) -> Any:
    """Return what torch saved in ``file`` of a package that ``extra`` installs; it is not imported.

    Only tensors and plain values are read: torch refuses a file that holds code.

    Raises
    ------
    RuntimeError
        The package is not installed, or the file is missing or larger than ``max_bytes``.
    """
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{package} is not installed; pip install 'autovoice-cpu[{extra}]'")
    path = Path(spec.origin).parent / file
    if not path.is_file():
        raise RuntimeError(f"the package {package} has no {file}; reinstall it")
    if path.stat().st_size > max_bytes:
        raise RuntimeError(f"{path} is larger than expected; reinstall {package}")
    return torch.load(path, map_location="cpu", weights_only=True)

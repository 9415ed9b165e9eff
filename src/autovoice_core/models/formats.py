"""Readers of weights that run no code from the file.

Two formats are read: safetensors, which holds arrays and text; and PyTorch's archive with
``weights_only``, which builds arrays and plain containers and refuses everything else.
"""

from __future__ import annotations

import json
import pickle
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from autovoice_core._errors import ModelError
from autovoice_core.backends.weights import Weights
from autovoice_core.models.stored import read


def read_safetensors(
    weights: Weights, framework: str = "pt"
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the arrays of a safetensors file by name, and its metadata, after a check of its hash.

    ``framework`` is ``"pt"`` for torch tensors or ``"numpy"``; both on the CPU.

    Raises
    ------
    ModelError
        The weights are missing, damaged, or not in the safetensors format.
    """
    content = read(weights)
    with _reading_as(weights.place, "safetensors"):
        if framework == "numpy":
            from safetensors import numpy as reader
        else:
            from safetensors import torch as reader
        arrays = reader.load(content)
        return arrays, _metadata(content)


def read_torch(weights: Weights) -> Any:
    """Return the contents of a PyTorch archive, on the CPU, after a check of its hash.

    Raises
    ------
    ModelError
        The weights are missing, damaged, not such an archive, or hold more than arrays.
    """
    import torch

    content = read(weights)
    with _reading_as(weights.place, "a PyTorch archive"):
        _check_archive(content)
        return torch.load(BytesIO(content), map_location="cpu", weights_only=True)


def _metadata(content: bytes) -> dict[str, str]:
    """Return the metadata of a safetensors file: an entry of its header, which is JSON."""
    end = 8 + int.from_bytes(content[:8], "little")
    metadata: dict[str, str] = json.loads(content[8:end]).get("__metadata__") or {}
    return metadata


def _check_archive(content: bytes) -> None:
    """Refuse an archive that unpacks to more than its size: PyTorch stores arrays uncompressed."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        unpacked = sum(item.file_size for item in archive.infolist())
    if unpacked > len(content):
        raise zipfile.BadZipFile(f"it would unpack to {unpacked} bytes")


@contextmanager
def _reading_as(file: Path, what: str) -> Iterator[None]:
    """Turn whatever a reader raises into a :class:`ModelError` that says what the file is not."""
    try:
        yield
    except MemoryError:
        raise
    except pickle.UnpicklingError as error:
        raise ModelError(
            f"{file}: holds more than arrays, and may run code ({_unsupported_global(error)}); "
            "ask its authors for safetensors"
        ) from error
    except Exception as error:  # of damaged files, readers raise what their code happens to
        raise ModelError(
            f"{file}: is not {what} ({_first_line(error)}); report it to the plugin's authors"
        ) from error


def _unsupported_global(error: Exception) -> str:
    """Return what a pickle needs, from torch's long message about how to allow it."""
    found = re.search(r"Unsupported [^\n]*?(?= was not|\n|\. |$)", str(error))
    return found[0] if found else _first_line(error)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__

"""Readers of weights that run no code from the file.

Two formats are read: safetensors, which holds arrays and text; and PyTorch's archive, of state
dicts alone: tensors, numbers and text in plain containers.
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from autovoice_core._errors import ModelError
from autovoice_core._printable import printable, shortened
from autovoice_core.backends.weights import Weights
from autovoice_core.models.stored import read
from autovoice_core.models.torch_archives import check_archive, check_tensors

MAX_HEADER_BYTES = 1 << 22
"""Largest header of a safetensors file, which names its arrays."""
MAX_ARRAYS = 10_000
"""Most arrays of a file; a network of a hundred layers has some thousand."""
MAX_REASON = 300
"""Most characters of a reader's own message that are shown: it may repeat what the file holds."""

_ENTRY = b"PK\x01\x02"
"""Begins each entry in the directory of an archive."""


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
        metadata = _checked_metadata(content, weights.place)
        if framework == "numpy":
            from safetensors import numpy as reader
        else:
            from safetensors import torch as reader
        return reader.load(content), metadata


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
        # Not by the number that the archive states, which nobody believes.
        entries = content.count(_ENTRY)
        if entries > MAX_ARRAYS:
            raise _too_much(weights.place, f"it holds {entries:,} entries", MAX_ARRAYS)
        check_archive(content)
        loaded = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
        check_tensors(loaded)
        return loaded


def _checked_metadata(content: bytes, file: Path) -> dict[str, str]:
    """Return the metadata of a safetensors file: an entry of its header, which is JSON.

    The others are its arrays, for each of which readers take microseconds.
    """
    size = int.from_bytes(content[:8], "little")
    if MAX_HEADER_BYTES < size <= len(content):
        raise _too_much(file, f"its header has {size:,} bytes", MAX_HEADER_BYTES)
    header = json.loads(content[8 : 8 + size])
    metadata: dict[str, str] = header.pop("__metadata__", None) or {}
    if len(header) > MAX_ARRAYS:
        raise _too_much(file, f"it holds {len(header):,} arrays", MAX_ARRAYS)
    return metadata


def _too_much(file: Path, held: str, most: int) -> ModelError:
    return ModelError(
        f"{file}: {held}, more than the {most:,} that are read; report it to the plugin's authors"
    )


@contextmanager
def _reading_as(file: Path, what: str) -> Iterator[None]:
    """Turn whatever a reader raises into a :class:`ModelError` that says what the file is not."""
    try:
        yield
    except ModelError:
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
    return _cut(found[0]) if found else _first_line(error)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return _cut(lines[0].rstrip(".")) if lines else type(error).__name__


def _cut(text: str) -> str:
    return printable(shortened(text, MAX_REASON))

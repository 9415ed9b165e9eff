"""Readers of weights that run no code from the file.

Two formats are read: safetensors, which holds arrays and text; and PyTorch's archive, of state
dicts alone: tensors, numbers and text in plain containers.
"""

from __future__ import annotations

import json
import os
import pickle
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from autovoice_core._errors import ModelError
from autovoice_core._printable import printable, shortened
from autovoice_core._regular_files import open_regular
from autovoice_core.backends.weights import Weights, format_file_size
from autovoice_core.models.stored import read
from autovoice_core.models.torch_archives import check_archive, check_tensors

MAX_HEADER_BYTES = 1 << 22
"""Largest header of a safetensors file, which names its arrays."""
MAX_ARRAYS = 10_000
"""Most arrays of a file; a network of a hundred layers has some thousand."""
MAX_REASON = 300
"""Most characters of a reader's own message that are shown: it may repeat what the file holds."""

OWN_FILE = "download it again, or ask its authors for safetensors"
"""Advice about a user's own file."""
_PINNED = "report it to the plugin's authors"
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
    return load_safetensors(read(weights), weights.place, framework, advice=_PINNED)


def read_torch(weights: Weights) -> Any:
    """Return the contents of a PyTorch archive, on the CPU, after a check of its hash.

    Raises
    ------
    ModelError
        The weights are missing, damaged, not such an archive, or hold more than arrays.
    """
    return load_torch(read(weights), weights.place, advice=_PINNED)


def read_safetensors_file(
    file: Path, framework: str = "pt", *, max_bytes: int
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what :func:`read_safetensors` does, of a user's own file of at most ``max_bytes``.

    Raises
    ------
    ModelError
        The file can't be read, is larger, or is not in the safetensors format.
    """
    return load_safetensors(read_file(file, max_bytes=max_bytes), file, framework)


def read_torch_file(file: Path, *, max_bytes: int) -> Any:
    """Return what :func:`read_torch` does, of a user's own file of at most ``max_bytes``.

    Raises
    ------
    ModelError
        The file can't be read, is larger, is not a PyTorch archive, or holds more than arrays.
    """
    return load_torch(read_file(file, max_bytes=max_bytes), file)


def load_safetensors(
    content: bytes, file: Path, framework: str = "pt", *, advice: str = OWN_FILE
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the arrays of the content of ``file`` by name, and its metadata.

    ``advice`` ends what is said of damaged files.

    Raises
    ------
    ModelError
        It is not in the safetensors format.
    """
    with _reading_as(file, "safetensors", advice):
        metadata = _checked_metadata(content, file, advice)
        if framework == "numpy":
            from safetensors import numpy as reader
        else:
            from safetensors import torch as reader
        return reader.load(content), metadata


def load_torch(content: bytes, file: Path, *, advice: str = OWN_FILE) -> Any:
    """Return what a PyTorch archive, the content of ``file``, holds, on the CPU.

    ``advice`` ends what is said of damaged files.

    Raises
    ------
    ModelError
        It is not such an archive, or holds more than arrays.
    """
    import torch

    with _reading_as(file, "a PyTorch archive", advice):
        # Not by the number that the archive states, which nobody believes.
        entries = content.count(_ENTRY)
        if entries > MAX_ARRAYS:
            raise _too_much(file, f"it holds {entries:,} entries", MAX_ARRAYS, advice)
        check_archive(content)
        loaded = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
        check_tensors(loaded)
        return loaded


def read_file(file: Path, *, max_bytes: int, advice: str = "give the file that you meant") -> bytes:
    """Return the content of a user's own file of at most ``max_bytes``.

    ``advice`` ends what is said of larger ones.

    Raises
    ------
    ModelError
        It can't be read, is a folder, FIFO or device, or is larger.
    """
    try:
        with open_regular(file) as stream:
            size = os.fstat(stream.fileno()).st_size
            # It may grow between the two.
            content = stream.read(max_bytes + 1) if size <= max_bytes else b""
    except OSError as error:
        raise ModelError(f"{file}: can't be read ({error.strerror})") from error
    if max(size, len(content)) > max_bytes:
        raise ModelError(
            f"{file}: it has {format_file_size(max(size, len(content)))}, more than the "
            f"{format_file_size(max_bytes)} that are read of such a file; {advice}"
        )
    return content


def _checked_metadata(content: bytes, file: Path, advice: str) -> dict[str, str]:
    """Return the metadata of a safetensors file: an entry of its header, which is JSON.

    The others are its arrays, for each of which readers take microseconds.
    """
    size = int.from_bytes(content[:8], "little")
    if MAX_HEADER_BYTES < size <= len(content):
        raise _too_much(file, f"its header has {size:,} bytes", MAX_HEADER_BYTES, advice)
    header = json.loads(content[8 : 8 + size])
    metadata: dict[str, str] = header.pop("__metadata__", None) or {}
    if len(header) > MAX_ARRAYS:
        raise _too_much(file, f"it holds {len(header):,} arrays", MAX_ARRAYS, advice)
    return metadata


def _too_much(file: Path, held: str, most: int, advice: str) -> ModelError:
    return ModelError(f"{file}: {held}, more than the {most:,} that are read; {advice}")


@contextmanager
def _reading_as(file: Path, what: str, advice: str) -> Iterator[None]:
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
        raise ModelError(f"{file}: is not {what} ({_first_line(error)}); {advice}") from error


def _unsupported_global(error: Exception) -> str:
    """Return what a pickle needs, from torch's long message about how to allow it."""
    found = re.search(r"Unsupported [^\n]*?(?= was not|\n|\. |$)", str(error))
    return _cut(found[0]) if found else _first_line(error)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return _cut(lines[0].rstrip(".")) if lines else type(error).__name__


def _cut(text: str) -> str:
    return printable(shortened(text, MAX_REASON))

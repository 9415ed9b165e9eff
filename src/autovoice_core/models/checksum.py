"""Comparison of files with the size and hash that are pinned for them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from autovoice_core._regular_files import open_regular
from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights, format_file_size

BLOCK_BYTES = 1 << 20
"""Size of the blocks that files are read in."""


def file_fault(file: Path, weights: Weights, progress: Progress | None = None) -> str | None:
    """Return what is wrong with ``file``, as the end of a sentence about it, or None.

    No more than the pinned size is read.
    """
    try:
        with open_regular(file) as stream:
            return size_fault(stream, weights) or hash_fault(
                sha256_of(stream, weights.size, progress), weights
            )
    except OSError as error:
        return f"can't be read ({error.strerror})"


def size_fault(stream: BinaryIO, weights: Weights) -> str | None:
    """Return what is wrong with the size of an open file, as the end of a sentence, or None."""
    size = os.fstat(stream.fileno()).st_size
    return (
        None
        if size == weights.size
        else f"has {size} bytes, not the {weights.size} of {weights.name}"
    )


def hash_fault(digest: str, weights: Weights) -> str | None:
    """Return what is wrong with a file of this hash, as the end of a sentence, or None."""
    if digest == weights.sha256:
        return None
    return f"has the SHA-256 {digest[:16]}…, not {weights.sha256[:16]}… of {weights.name}"


def sha256_of(stream: BinaryIO, size: int, progress: Progress | None = None) -> str:
    """Return the hash of the next ``size`` bytes, as hexadecimal digits."""
    digest, done = hashlib.sha256(), 0
    while block := stream.read(min(BLOCK_BYTES, size - done)):
        digest.update(block)
        done += len(block)
        if progress is not None:
            progress(done / size)
    return digest.hexdigest()


def space_fault(free: int, needed: int, folder: Path) -> str | None:
    """Return what is wrong, as the end of a sentence, if ``needed`` bytes are not free, or None."""
    if needed <= free:
        return None
    return (
        f"needs {format_file_size(needed)} more, but {folder} has {format_file_size(free)} free; "
        "free space or set AUTOVOICE_MODELS to another folder"
    )

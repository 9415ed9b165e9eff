"""Comparison of files with the size and hash that are pinned for them."""

from __future__ import annotations

import hashlib
from pathlib import Path

from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights, format_file_size

BLOCK_BYTES = 1 << 20
"""Size of the blocks that files are read in."""


def file_fault(file: Path, weights: Weights, progress: Progress | None = None) -> str | None:
    """Return what is wrong with ``file``, as the end of a sentence about it, or None.

    No more than the pinned size is read.
    """
    try:
        size = file.stat().st_size
        if size != weights.size:
            return f"has {size} bytes, not the {weights.size} of {weights.name}"
        digest = sha256_of(file, weights.size, progress)
    except OSError as error:
        return f"can't be read ({error.strerror})"
    if digest != weights.sha256:
        return f"has the SHA-256 {digest[:16]}…, not {weights.sha256[:16]}… of {weights.name}"
    return None


def sha256_of(file: Path, size: int, progress: Progress | None = None) -> str:
    """Return the hash of the first ``size`` bytes, as hexadecimal digits."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as stream:
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

"""Whether a file is the one that was pinned, bit by bit."""

from __future__ import annotations

import hashlib
from pathlib import Path

from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights, human_size

CHUNK = 1 << 20


def fault_of(file: Path, weights: Weights, progress: Progress | None = None) -> str | None:
    """Return what is wrong with ``file`` as the end of a sentence about it, or None.

    No more is read than the pinned size, whatever the file is.
    """
    try:
        size = file.stat().st_size
        if size != weights.size:
            return f"has {size} bytes, not the {weights.size} of {weights.name}"
        digest = sha256_of(file, weights.size, progress)
    except OSError as error:
        return f"can't be read ({error.strerror})"
    if digest != weights.sha256:
        return f"has the SHA-256 {digest[:16]}…, not {weights.sha256[:16]}… as {weights.name} has"
    return None


def sha256_of(file: Path, size: int, progress: Progress | None = None) -> str:
    """Return the hash of the first ``size`` bytes, as hexadecimal digits."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(min(CHUNK, size - done)):
            digest.update(block)
            done += len(block)
            if progress is not None:
                progress(done / size)
    return digest.hexdigest()


def short_of_space(free: int, needed: int, folder: Path) -> str | None:
    """Return what is wrong, as the end of a sentence, if ``needed`` bytes are not free."""
    if needed <= free:
        return None
    return (
        f"needs {human_size(needed)} more, but {folder} has {human_size(free)} free; "
        "make room or set AUTOVOICE_MODELS to another folder"
    )

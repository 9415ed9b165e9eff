"""The checksum of a voice profile."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray


def digest(document: str, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the SHA-256 of the text and all arrays of a profile, in hexadecimal digits."""
    total = hashlib.sha256()
    _feed(total, document.encode())
    for name in sorted(arrays):
        values = arrays[name]
        _feed(total, f"{name}:{values.dtype.str}{values.shape}".encode())
        _feed(total, np.ascontiguousarray(values).reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def _feed(digest: hashlib._Hash, part: bytes | memoryview) -> None:
    # The length goes first, so that two parts can't be split in another place.
    digest.update(len(part).to_bytes(8, "little"))
    digest.update(part)

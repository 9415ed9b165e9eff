"""Networks run without gradients, on a GPU in float32 throughout, and keep no freed memory."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import torch


@contextmanager
def running() -> Iterator[None]:
    """Run networks within; TF32, which keeps 10 bits of a number, is left out on a GPU."""
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield


def return_freed_memory() -> None:
    """Let the C library return freed memory to the system.

    It keeps blocks of up to 32 MB, which signals are: each length of a piece adds holes that no
    other fits into, until they take several times what is in use.
    """
    with suppress(OSError, AttributeError):  # not the GNU C library
        ctypes.CDLL(None).malloc_trim(0)

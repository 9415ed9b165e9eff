"""Networks run without gradients, and on a GPU in float32 throughout."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def running() -> Iterator[None]:
    """Run networks within; TF32, which keeps 10 bits of a number, is left out on a GPU."""
    with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield

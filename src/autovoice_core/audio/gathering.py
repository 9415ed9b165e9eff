"""Blocks of a sound put together in memory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device


def gathered(blocks: Iterable[Any], shape: tuple[int, ...]) -> Any:
    """Return blocks one behind another, ``shape`` in all, on the device that the first lies on."""
    whole: Any = np.zeros(shape, np.float32)
    done = 0
    for block in blocks:
        if not done and not isinstance(block, np.ndarray):
            xp = array_namespace(block)
            whole = xp.zeros(shape, dtype=xp.float32, device=device(block))
        whole[..., done : done + block.shape[-1]] = block
        done += block.shape[-1]
    return whole

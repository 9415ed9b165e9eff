"""CorrelateBlock, the size of a block of ``correlate.cu``: its frames and its shared memory."""

from __future__ import annotations

from attrs import frozen

from autovoice_core import InputError
from autovoice_cuda.kernels.machine import Machine

THREADS = 256
"""Threads of a block."""
FRAME_COUNTS = (16, 8, 4)
"""Frames of a block: the first of these that fits and leaves no multiprocessor idle."""


@frozen
class CorrelateBlock:
    """The size of a block.

    Attributes
    ----------
    frames
        Frames that it correlates.
    sum_type
        Type of a sum of products: ``"int"``, or ``"wide"`` where one could pass 2**31.
    shared_bytes
        Bytes of its shared memory.
    """

    frames: int
    sum_type: str
    shared_bytes: int

    @classmethod
    def choose(
        cls, machine: Machine, frames: int, first: int, lags: int, widest: int
    ) -> CorrelateBlock:
        """Return the size for ``frames`` frames, lags from ``first`` on, and the widest window.

        Raises
        ------
        InputError
            Not even the fewest frames fit in the device's shared memory.
        """
        sum_type = "int" if widest < 1 << 11 else "wide"
        reach = (widest + first + lags) // 2
        sizes = {count: _arena_bytes(count, reach, lags, sum_type) for count in FRAME_COUNTS}
        fitting = [count for count in FRAME_COUNTS if sizes[count] <= machine.shared]
        if not fitting:
            raise InputError(
                f"fmin: lags of {first + lags} samples need {sizes[FRAME_COUNTS[-1]]} bytes of "
                f"shared memory, and this device has {machine.shared}; raise fmin"
            )
        busy = [count for count in fitting if -(-frames // count) >= 2 * machine.processors]
        chosen = busy[0] if busy else fitting[-1]
        return cls(chosen, sum_type, sizes[chosen])


def _arena_bytes(frames: int, reach: int, lags: int, sum_type: str) -> int:
    """Return the size of ``Arena`` in ``correlate.cu``."""
    size, warps = 2 * reach + 1, THREADS // 32
    row = 2 * (((size + 8) // 2 + 1) | 1)
    knots = (size // 8 + 1) | 1
    peaks = lags // 2 + 1
    lags = lags | 1
    x = (4 if sum_type == "int" else 8) * lags * frames
    x += x % 8
    per_frame = 2 * row + 4 * knots + 2 * lags
    return x + frames * per_frame + warps * (4 + 2) * peaks + 4

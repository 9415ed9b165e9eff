"""Machine, the protocol of a device on which kernels are launched."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

NULL = np.uint64(0)
"""A pointer to no array."""


class Machine(Protocol):
    """A device, its array namespace, and its launcher of kernels.

    Attributes
    ----------
    xp
        Array namespace whose arrays lie on the device.
    shared
        Bytes of shared memory that a block may use.
    processors
        Number of multiprocessors.
    """

    xp: Any
    shared: int
    processors: int

    def launch(
        self,
        source: str,
        kernel: str,
        macros: tuple[str, ...],
        grid: tuple[int, int],
        block: int,
        shared: int,
        *arguments: Any,
    ) -> None:
        """Run a kernel on the current stream.

        Parameters
        ----------
        source, kernel, macros
            File in this folder, function in it, and the macros that it is compiled with, each as
            ``"NAME=value"``.
        grid, block, shared
            Blocks across and down, threads of a block, bytes of its shared memory.
        arguments
            Arrays of the device, and NumPy scalars of the very types that the kernel takes.
        """

"""What kernels are launched on."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

NULL = np.uint64(0)
"""No array."""


class Machine(Protocol):
    """A device, its arrays, and a way to run kernels on it.

    Attributes
    ----------
    xp
        Array namespace whose arrays lie on the device.
    shared
        Bytes of shared memory that a block may use.
    processors
        How many blocks can run at once without sharing anything.
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
            File beside this one, function in it, and what is defined before it is compiled, each
            as ``"NAME=value"``.
        grid, block, shared
            Blocks across and down, threads of a block, bytes of its shared memory.
        arguments
            Arrays of the device, and NumPy scalars of the very types that the kernel takes.
        """

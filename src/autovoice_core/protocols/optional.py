"""The protocols of methods that any implementation may have."""

from __future__ import annotations

from typing import Protocol

from autovoice_core._types import Audio


class SupportsMemory(Protocol):
    """An implementation of any protocol below that declares the memory it takes.

    Without it an implementation is refused where memory is limited. A call that runs out of
    memory must leave no trace, as it is repeated with shorter windows.
    """

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the most bytes of its device's memory that processing a window takes.

        They include the result, all that a call allocates on a window of ``frames`` samples, and
        what stays allocated between calls; but not the window itself.
        """


class SupportsBring(Protocol):
    """A separator or pitch estimator that moves a whole song to its device.

    Without it, core passes windows that lie on the host. With it, a song stays on the device
    between operations.
    """

    def bring(self, audio: Audio) -> Audio:
        """Return ``audio`` on the device."""

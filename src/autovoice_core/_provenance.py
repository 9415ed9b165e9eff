"""Provenance: the operation, backend, distribution and device that made a result."""

from __future__ import annotations

from attrs import frozen


@frozen
class Provenance:
    """The operation, backend, distribution and device that made a result.

    Attributes
    ----------
    operation
        ``"separation"``, ``"pitch"``, ``"conversion"`` or ``"speech"``.
    backend
        Full name of the offer, e.g. ``"cpu/nccf"``.
    distribution
        Package and version that offer it, e.g. ``"autovoice-cpu 0.1.0"``.
    device, dtype
        Device and precision that it ran in, e.g. ``"cpu"``, ``"float32"``.
    """

    operation: str
    backend: str
    distribution: str
    device: str
    dtype: str

    def __str__(self) -> str:
        return (
            f"{self.operation}: {self.backend} ({self.distribution}) on {self.device}, {self.dtype}"
        )

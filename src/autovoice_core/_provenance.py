"""Provenance: the operation, backend, distribution and device that made a result."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


def _as_pairs(settings: Mapping[str, bool | int | float | str]) -> tuple[tuple[str, object], ...]:
    return tuple(sorted(settings.items()))


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
    settings
        The settings that it ran with, all of those that it has.
    """

    operation: str
    backend: str
    distribution: str
    device: str
    dtype: str
    settings: Mapping[str, bool | int | float | str] = field(factory=dict, eq=_as_pairs)

    def __str__(self) -> str:
        where = f"{self.backend} ({self.distribution}) on {self.device}, {self.dtype}"
        settings = "".join(f", {name}={value}" for name, value in self.settings.items())
        return f"{self.operation}: {where}{settings}"

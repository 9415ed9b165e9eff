"""Kinds of device: the record in which a plugin, or core, says how to find one and measure it.

Nothing heavy is imported here, as plugins import it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import asdict, field, frozen

from autovoice_core._errors import BadOffer
from autovoice_core._printable import quoted
from autovoice_core.backends.fields import DEVICE, TARGET, as_names, fault_of_length, plain_fields
from autovoice_core.backends.newer_fields import tolerant


@tolerant
@frozen(kw_only=True, field_transformer=plain_fields)
class Device:
    """A kind of device that offers may run on.

    Attributes
    ----------
    kind
        The name that offers and callers give it, e.g. ``"xpu"``.
    probe
        ``"module:function"``, called without arguments: returns whether this machine has one. It
        only looks, for a file of the driver say, as it is called at each selection; what an offer
        needs to run there is up to the probe of the offer.
    before
        The kind that it comes before in the order of ``auto``, which is fastest first.
    dlpack
        The codes that DLPack has for its memory. With them results are checked to be on it, and
        arrays on it are passed on without a copy to the host.
    memory
        ``"module:function"``, called without arguments: returns the bytes that this process holds
        on it, without what an array library keeps for reuse. None: no memory limit can be kept.

    Raises
    ------
    BadOffer
        A field is of the wrong type or out of range.
    """

    kind: str
    probe: str
    before: str = "cpu"
    dlpack: tuple[int, ...] = field(default=(), converter=as_names)
    memory: str | None = None

    def __attrs_post_init__(self) -> None:
        fault = _fault(self)
        if fault:
            raise BadOffer(f"device {quoted(self.kind)}: {fault}")


def in_order(devices: Iterable[Device], more: Iterable[Device]) -> tuple[Device, ...]:
    """Return ``devices`` with ``more`` put in where each of these says.

    Of a kind that is described twice the first description counts.
    """
    ordered = list(devices)
    for device in more:
        kinds = [other.kind for other in ordered]
        if device.kind not in kinds:
            place = device.before if device.before in kinds else "cpu"
            ordered.insert(kinds.index(place), device)
    return tuple(ordered)


def _fault(device: Any) -> str | None:
    """Return what is wrong with a device, whose fields may hold anything, or None."""
    if fault := fault_of_length(asdict(device, recurse=False)):
        return fault
    for part in ("kind", "before"):
        name = getattr(device, part)
        if type(name) is not str or not DEVICE.fullmatch(name) or name == "auto":
            return f"{part} {quoted(name)} is not the name of a kind, such as 'xpu'"
    targets = {"probe": device.probe} | ({} if device.memory is None else {"memory": device.memory})
    for part, target in targets.items():
        if type(target) is not str or not TARGET.fullmatch(target):
            return f"{part} {quoted(target)} is not 'module:name'"
    codes = device.dlpack
    if type(codes) is not tuple or not all(type(code) is int and code > 0 for code in codes):
        return f"dlpack {quoted(codes)} is not a tuple of DLPack's codes, such as (14,)"
    return None

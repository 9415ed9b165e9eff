"""Names of devices, arrays that lie on one, and the memory that is in use there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from autovoice_core._dlpack import KINDS
from autovoice_core._errors import ArgumentError
from autovoice_core.backends.device import Device
from autovoice_core.backends.own_devices import OWN_DEVICES
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.probe import resolve
from autovoice_core.backends.plugins.registry import catalogue, current_registry
from autovoice_core.backends.wording import did_you_mean

_OWN = {device.kind: device for device in OWN_DEVICES}


def known_kinds(found: Catalogue) -> list[str]:
    """Return the kinds of devices that core or a plugin that was loaded offers, core's first."""
    offered = {device: None for entry in found.offers for device in entry.offer.devices}
    return list({device.kind: None for device in found.devices} | offered)


def unknown_device(kind: str, backends: Iterable[str] = ()) -> str | None:
    """Return a sentence that says that nobody offers ``kind`` and what there is, else None.

    The plugins of ``backends``, full names, are asked though they may not be enabled.
    """
    if kind in _OWN or kind == "auto":  # without loading any plugin
        return None
    found = catalogue({name.partition("/")[0] for name in backends})
    kinds = known_kinds(found)
    if kind in kinds:
        return None
    loaded = {entry.plugin for entry in found.offers}
    asleep = [each.name for each in found.plugins if not each.enabled and each.name not in loaded]
    here = current_registry().host(found.devices).devices
    return (
        f"nobody offers a device {kind!r}{did_you_mean(kind, kinds)}: known are "
        f"{', '.join(kinds)}, of which this machine has {' and '.join(here)}"
        + (f"; plugins that are not enabled were not asked: {', '.join(asleep)}" if asleep else "")
    )


def kind_of(array: Any) -> str:
    """Return the kind of device that holds an array, ``"dlpack:14"`` for an unknown one."""
    code, _ = array.__dlpack_device__()
    if code in KINDS:
        return KINDS[code]
    kinds = (device.kind for device in catalogue().devices if code in device.dlpack)
    return next(kinds, f"dlpack:{code}")


def lies_on(array: Any, kind: str) -> bool | None:
    """Whether an array lies on a kind of device; None if DLPack has no code for that kind."""
    device = _device(kind)
    if device is None or not device.dlpack:
        return None
    return array.__dlpack_device__()[0] in device.dlpack


def memory_in_use(kind: str, limited_by: str = "memory_limit") -> int:
    """Return the bytes that this process holds on a kind of device and can't give back.

    Raises
    ------
    InputError
        Nobody tells how much that is; the message begins with ``limited_by``.
    """
    device = _device(kind)
    if device is None or device.memory is None:
        raise ArgumentError(
            f"{limited_by}: memory in use on {kind} can't be measured, so no limit can be kept; "
            "omit the limit, or choose another device"
        )
    return int(resolve(device.memory)())


def _device(kind: str) -> Device | None:
    if kind in _OWN:
        return _OWN[kind]
    return next((device for device in catalogue().devices if device.kind == kind), None)

"""Every offer of an operation, compared with a need and put in order; nothing is probed."""

from __future__ import annotations

import math
from collections.abc import Iterable

from attrs import evolve

from autovoice_core._errors import InputError
from autovoice_core.backends.catalogue import Entry, catalogue
from autovoice_core.backends.chosen import Considered
from autovoice_core.backends.host import Host, look
from autovoice_core.backends.matching import unfit
from autovoice_core.backends.naming import asked_for, unknown
from autovoice_core.backends.offer import OPERATIONS, Need, Operation, Reason
from autovoice_core.backends.wording import nearest


def consider(
    operation: Operation, need: Need | None = None, *, name: str | None = None
) -> tuple[Considered, ...]:
    """Compare every offer, or the one asked for by name, with a need on each of its devices.

    Those that fit have no reasons and come first, the best first.

    Raises
    ------
    UnknownBackend
        The backend named is not among the offers.
    InputError
        There is no such operation.
    """
    if operation not in OPERATIONS:
        raise InputError(
            f"operation: {operation!r} is none of {', '.join(OPERATIONS)}"
            f"{nearest(str(operation), OPERATIONS)}; choose one"
        )
    need = need or Need()
    asked = asked_for(operation, name)
    entries = catalogue().of(operation)
    if asked is not None:
        entries = tuple(entry for entry in entries if entry.name == asked.name)
        if not entries:
            raise unknown(operation, asked, catalogue())
    host = look(
        {module for entry in entries for module in entry.offer.imports},
        {weights for entry in entries for weights in entry.offer.weights},
    )
    fitting: list[Considered] = []
    refused: list[Considered] = []
    for device in devices_of(need, host, entries):
        here = evolve(need, devices=(device,))
        weighed = [
            Considered(entry, device, unfit(entry, here, host, named=asked is not None))
            for entry in entries
        ]
        fitting += sorted((item for item in weighed if not item.reasons), key=_rank)
        refused += (item for item in weighed if item.reasons)
    return (*fitting, *refused)


def devices_of(need: Need, host: Host, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the devices that a need allows, in order; ``auto`` becomes those worth trying."""
    if need.devices != ("auto",):
        return need.devices
    # A device that is found but that nobody offers to use is no reason to warn of a fallback.
    offered = {device for entry in entries for device in entry.offer.devices}
    return tuple(device for device in host.devices if device in offered) or host.devices


def outranked(item: Considered, winner: Considered) -> Considered:
    """Return ``item``, which fits, with the reason why ``winner`` comes before it."""
    offer, best, name = item.entry.offer, winner.entry.offer, winner.entry.name
    if item.device != winner.device:
        code, text = "device", f"fits on {item.device}, which comes after {winner.device}"
    elif offer.quality != best.quality:
        code, text = "quality", f"is of quality {offer.quality.name}, under {name}"
    elif offer.latency != best.latency:
        slower = "can't stream, unlike" if offer.latency is None else "has more latency than"
        code, text = "latency", f"{slower} {name}"
    else:
        code, text = "name", f"equals {name}, which comes first by name"
    return evolve(item, reasons=(Reason("rank", code, text),))


def _rank(item: Considered) -> tuple[int, float, str]:
    offer = item.entry.offer
    latency = math.inf if offer.latency is None else offer.latency
    return (-offer.quality, latency, item.entry.name)

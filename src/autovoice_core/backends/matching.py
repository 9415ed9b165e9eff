"""Compares an offer with a need on a host: a pure function that gives reasons."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends.catalogue import Entry
from autovoice_core.backends.host import FASTEST_FIRST, Host
from autovoice_core.backends.offer import Need, Offer, Reason


def wanted(need: Need, host: Host) -> tuple[str, ...]:
    """Return the devices a need allows, in order of preference; ``auto`` becomes those found."""
    return host.devices if need.devices == ("auto",) else need.devices


def unfit(entry: Entry, need: Need, host: Host, *, named: bool = False) -> tuple[Reason, ...]:
    """Return why ``entry`` can't serve ``need`` on ``host``; empty if it fits.

    Facts of the offer come first; what the host lacks is told only of offers that would do.
    ``named`` says that the caller asked for this entry by name, as opt-in offers want.
    """
    offer = entry.offer
    return tuple(_facts(offer, need, host, named=named)) or tuple(_lacks(entry, need, host))


def _facts(offer: Offer, need: Need, host: Host, *, named: bool) -> Iterator[Reason]:
    if offer.opt_in and not named:
        yield Reason("facts", "opt-in", "is used only when asked for by name")
    devices = wanted(need, host)
    if not set(devices) & set(offer.devices):
        text = f"runs on {' and '.join(offer.devices)}, not on {' or '.join(devices)}"
        yield Reason("facts", "device", text)
    if need.dtype not in offer.dtypes:
        text = f"works in {' and '.join(offer.dtypes)}, not in {need.dtype}"
        yield Reason("facts", "dtype", text)
    if need.max_latency is not None:
        if offer.latency is None:
            yield Reason("facts", "latency", "can't stream")
        elif offer.latency > need.max_latency:
            text = f"has a latency of {offer.latency:g} s, over {need.max_latency:g} s"
            yield Reason("facts", "latency", text)
    if need.min_quality is not None and offer.quality < need.min_quality:
        text = f"is of quality {offer.quality.name}, under {need.min_quality.name}"
        yield Reason("facts", "quality", text)
    if need.licences is not None:
        for part, licence in (("code", offer.licence.code), ("weights", offer.licence.weights)):
            if licence is not None and not _permits(licence, need.licences):
                text = f"has {part} under {licence}, which is not among the licences allowed"
                yield Reason("facts", "licence", text)


def _permits(licence: str, allowed: tuple[str, ...]) -> bool:
    """Whether an allow-list permits an SPDX expression of identifiers, ``OR`` and ``AND``."""
    known = {item.casefold() for item in allowed} - {"unstated"}
    # An expression with brackets is not taken apart: only its literal twin permits it.
    if "(" in licence:
        return licence.casefold() in known
    return any(
        all(part.strip().casefold() in known for part in choice.split(" AND "))
        for choice in licence.split(" OR ")
    )


def _lacks(entry: Entry, need: Need, host: Host) -> Iterator[Reason]:
    offer = entry.offer
    common = [device for device in wanted(need, host) if device in offer.devices]
    if not any(_may_have(host, device) for device in common):
        text = f"needs a {' or '.join(common)} device, which this machine lacks"
        yield Reason("host", "device", text)
    elif offer.probe is None and not set(common) & set(host.devices):
        text = f"brings no probe, without which nobody knows if {' or '.join(common)} is here"
        yield Reason("host", "probe", text)
    missing = [module for module in offer.imports if module in host.missing]
    if missing:
        text = f"needs {' and '.join(missing)}, not installed for this Python"
        if offer.extra:
            text += f"; pip install '{entry.distribution.split()[0]}[{offer.extra}]'"
        yield Reason("host", "import", text)
    for weights in offer.weights:
        if weights in host.absent:
            text = (
                f"needs the weights {weights}, which are not on this machine; "
                f"run `autovoice models get {weights.name}`"
            )
            yield Reason("host", "weights", text)


def _may_have(host: Host, device: str) -> bool:
    """Whether a device is present, or of a kind that can't be looked for but by a probe."""
    return device in host.devices or device not in FASTEST_FIRST

"""Comparison of an offer with a need on a host, as a pure function that gives reasons."""

from __future__ import annotations

from collections.abc import Iterator

from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.host import Host


def allowed_devices(need: Need, host: Host) -> tuple[str, ...]:
    """Return the devices a need allows, in order of preference; ``auto`` becomes those found."""
    return host.devices if need.devices == ("auto",) else need.devices


def mismatches(entry: Entry, need: Need, host: Host, *, named: bool = False) -> tuple[Reason, ...]:
    """Return why ``entry`` can't serve ``need`` on ``host``; empty if it fits.

    What the host lacks is given only for an offer whose facts meet the need. ``named`` says that
    the caller asked for this entry by name, as opt-in offers require.
    """
    return tuple(_unmet_facts(entry, need, host, named=named)) or tuple(_missing(entry, need, host))


def takes_part(entry: Entry, need: Need) -> bool:
    """Whether an offer may be chosen without being named."""
    return entry.enabled or entry.plugin in need.plugins


def _unmet_facts(entry: Entry, need: Need, host: Host, *, named: bool) -> Iterator[Reason]:
    offer = entry.offer
    if not named and not takes_part(entry, need):
        text = f"is of a plugin that is not enabled; run `autovoice plugins enable {entry.plugin}`"
        yield Reason("facts", "plugin", text)
    if offer.opt_in and not named:
        yield Reason("facts", "opt-in", "is used only when asked for by name")
    devices = allowed_devices(need, host)
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
    # An expression with parentheses is not parsed: only the same text permits it.
    if "(" in licence:
        return licence.casefold() in known
    return any(
        all(part.strip().casefold() in known for part in choice.split(" AND "))
        for choice in licence.split(" OR ")
    )


def _missing(entry: Entry, need: Need, host: Host) -> Iterator[Reason]:
    offer = entry.offer
    common = [device for device in allowed_devices(need, host) if device in offer.devices]
    if not any(_may_be_present(host, device) for device in common):
        text = f"needs a {' or '.join(common)} device, which this machine lacks"
        raised = [f"{kind}: {error}" for kind, error in host.failed_probes if kind in common]
        text += f" (looking for it raised {'; '.join(raised)})" if raised else ""
        yield Reason("host", "device", text)
    elif offer.probe is None and not set(common) & set(host.devices):
        text = f"has no probe, without which {' or '.join(common)} can't be detected"
        yield Reason("host", "probe", text)
    missing = [module for module in offer.imports if module in host.missing_modules]
    if missing:
        text = f"needs {' and '.join(missing)}, not installed for this Python"
        if offer.extra:
            text += f"; pip install '{_package(entry)}[{offer.extra}]'"
        yield Reason("host", "import", text)
    libraries = [name for name in offer.libraries if name in host.missing_libraries]
    if libraries:
        text = f"needs the library {' and '.join(libraries)}, not installed on this machine"
        text += "; install it by the system's package manager"
        if offer.extra:
            text += f" or pip install '{_package(entry)}[{offer.extra}]'"
        yield Reason("host", "library", text)
    for weights in offer.weights:
        if weights in host.missing_weights:
            text = (
                f"needs the weights {weights}, which are not on this machine; "
                f"run `autovoice models get {weights.name}`"
            )
            yield Reason("host", "weights", text)


def _package(entry: Entry) -> str:
    return entry.distribution.split()[0]


def _may_be_present(host: Host, device: str) -> bool:
    """Whether a device is present, or of a kind that only a probe can detect."""
    return device in host.devices or device not in host.known_devices

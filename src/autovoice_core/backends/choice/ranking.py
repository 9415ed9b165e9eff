"""Ranking of the offers of an operation for a need; nothing is probed."""

from __future__ import annotations

import math
from collections.abc import Iterable

from attrs import evolve, frozen

from autovoice_core._arguments import describe
from autovoice_core._errors import InputError, UnknownBackend
from autovoice_core.backends.choice.matching import mismatches, takes_part
from autovoice_core.backends.choice.named_backends import NamedBackend, find_named, unknown_backend
from autovoice_core.backends.need import Need, as_need
from autovoice_core.backends.offer import OPERATIONS, Operation, Reason
from autovoice_core.backends.plugins.entry import Catalogue, Entry, Fault
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import current_registry
from autovoice_core.backends.wording import did_you_mean


@frozen
class Candidate:
    """An offer compared with a need on one device.

    ``reasons`` say why it was not chosen; they are empty for one that fits and was not weighed
    against others.
    """

    entry: Entry
    device: str
    reasons: tuple[Reason, ...]


def rank_offers(
    operation: Operation, need: Need | None = None, *, name: str | None = None
) -> tuple[Candidate, ...]:
    """Return every offer, or the one named, compared with a need on each of its devices.

    Those that fit have no reasons and come first, best first.

    Raises
    ------
    UnknownBackend
        The backend named is not among the offers.
    InputError
        There is no such operation.
    """
    check_operation(operation)
    need = as_need(need)
    named = find_named(operation, name)
    found = asked_catalogue(need, named)
    entries = found.of(operation)
    if named is not None:
        entries = tuple(entry for entry in entries if entry.name == named.name)
        if not entries:
            raise unknown_backend(operation, named, found)
    host = current_registry().host(
        found.devices,
        {module for entry in entries for module in entry.offer.imports},
        {weights for entry in entries for weights in entry.offer.weights},
        # What is used only by name is not looked for in vain, which would take time.
        {
            library
            for entry in entries
            if named or not entry.offer.opt_in
            for library in entry.offer.libraries
        },
    )
    fitting: list[Candidate] = []
    refused: list[Candidate] = []
    may_be_chosen = [entry for entry in entries if named or takes_part(entry, need)]
    for device in devices_to_try(need, host, may_be_chosen):
        here = evolve(need, devices=(device,))
        candidates = [
            Candidate(entry, device, mismatches(entry, here, host, named=named is not None))
            for entry in entries
        ]
        fitting += sorted((item for item in candidates if not item.reasons), key=_sort_key)
        refused += (item for item in candidates if item.reasons)
    return (*fitting, *refused)


def check_operation(operation: Operation) -> None:
    """Refuse an operation that there is not.

    Raises
    ------
    InputError
        It is none of :data:`OPERATIONS`.
    """
    if not isinstance(operation, str) or operation not in OPERATIONS:
        raise InputError(
            f"operation: {describe(operation)} is not one of {', '.join(OPERATIONS)}"
            f"{did_you_mean(str(operation), OPERATIONS)}; choose one"
        )


def asked_catalogue(need: Need, *named: NamedBackend | None) -> Catalogue:
    """Return the catalogue, with the plugins that a need or a name asks for.

    Raises
    ------
    UnknownBackend
        No plugin that the need names is installed.
    """
    names = {backend.name.partition("/")[0] for backend in named if backend is not None}
    found = current_registry().catalogue(names.union(need.plugins))
    known = {entry.plugin for entry in found.offers} | {fault.plugin for fault in found.faults}
    for name in need.plugins:
        if name not in known:
            hint = did_you_mean(name, known)
            raise UnknownBackend(f"plugin {name!r}, named by the need, is not installed{hint}")
    return found


def devices_to_try(need: Need, host: Host, entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the devices that a need allows, in order; ``auto`` becomes those worth trying."""
    if need.devices != ("auto",):
        return need.devices
    # A device that no offer uses is left out, so that no fallback from it is warned of.
    offered = {device for entry in entries for device in entry.offer.devices}
    return tuple(device for device in host.devices if device in offered) or host.devices


def nothing_offered(faults: Iterable[Fault], suggested: str) -> str:
    """Return why no offer was considered: those that could be are not enabled, or none is there."""
    disabled = sorted({fault.plugin for fault in faults if fault.kind == "disabled"})
    if disabled:
        return (
            f"no plugin that is enabled offers one, and not enabled are {', '.join(disabled)}; "
            "enable one by `autovoice plugins enable NAME`"
        )
    return f"no plugin offers one; install one, such as {suggested}"


def with_rank_reason(item: Candidate, winner: Candidate) -> Candidate:
    """Return ``item``, which fits, with the reason why ``winner`` ranks above it."""
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


def _sort_key(item: Candidate) -> tuple[int, float, str]:
    offer = item.entry.offer
    latency = math.inf if offer.latency is None else offer.latency
    return (-offer.quality, latency, item.entry.name)

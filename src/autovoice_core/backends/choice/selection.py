"""Selection of backends, by name or by rank: for one operation, or for all on one device."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from attrs import evolve, frozen

from autovoice_core._errors import FallbackWarning, NoBackend
from autovoice_core.backends.choice.chosen import Chosen, reason_clauses
from autovoice_core.backends.choice.given_settings import Given, of_argument, settings_for
from autovoice_core.backends.choice.matching import takes_part
from autovoice_core.backends.choice.named_backends import NamedBackend, find_named
from autovoice_core.backends.choice.ranking import (
    Candidate,
    asked_catalogue,
    check_operation,
    devices_to_try,
    nothing_offered,
    rank_offers,
    with_rank_reason,
)
from autovoice_core.backends.known_devices import unknown_device
from autovoice_core.backends.need import Need, as_need
from autovoice_core.backends.offer import PLUGINS, SONG_OPERATIONS, Operation
from autovoice_core.backends.plugins.entry import Fault
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import catalogue, current_registry
from autovoice_core.backends.settings import Value, configured

_VARIABLES = ("AUTOVOICE_HOME", "AUTOVOICE_MODELS", "CUDA_VISIBLE_DEVICES")


@frozen
class Plan:
    """A backend for each operation of converting a song, all on one device."""

    device: str
    separation: Chosen
    pitch: Chosen
    conversion: Chosen

    def explain(self) -> str:
        """Return the three choices and every reason as lines of text."""
        return "\n".join(getattr(self, operation).explain() for operation in SONG_OPERATIONS)


def select(
    operation: Operation,
    need: Need | None = None,
    *,
    name: str | None = None,
    settings: Mapping[str, Value] | None = None,
) -> Chosen:
    """Return the backend that serves an operation best.

    Parameters
    ----------
    operation
        ``"separation"``, ``"pitch"``, ``"conversion"`` or ``"speech"``.
    need
        What is needed; by default float32 on the CPU.
    name
        Full name of the backend to use, e.g. ``"cpu/nccf"``. By default the name given to
        :func:`using`, else that in the environment (``AUTOVOICE_SEPARATION``,
        ``AUTOVOICE_PITCH``, ``AUTOVOICE_CONVERSION``, ``AUTOVOICE_SPEECH``), else the best by
        rank.
    settings
        Settings of the backend by name. Those not given are taken from :func:`using`, else from
        ``AUTOVOICE_SETTINGS`` in the environment, else they are the backend's defaults.

    Raises
    ------
    UnknownBackend
        The backend named is not among the offers.
    NoBackend
        No offer, or not the one named, meets the need; the message holds every reason.
    InputError
        There is no such operation, or the backend has no such setting, or not of that value.

    Warns
    -----
    FallbackWarning
        A later device of the need is used; given once for each set of reasons.
    """
    return _with_settings(select_default(operation, need, name), of_argument(settings))


def select_default(
    operation: Operation, need: Need | None = None, name: str | None = None
) -> Chosen:
    """Return what :func:`select` does, but with no settings, not even those in force."""
    check_operation(operation)
    need = as_need(need)
    choices = current_registry().choices()
    key = (operation, need, find_named(operation, name), *_surroundings())
    chosen: Chosen | None = choices.get(key)
    if chosen is None:
        chosen = choices[key] = _select(operation, need, name)
    return chosen


def _with_settings(chosen: Chosen, argument: Mapping[str, Given]) -> Chosen:
    """Return a choice with the settings in force."""
    given, declared = settings_for(chosen.operation, argument), chosen.entry.offer.settings
    if declared is None and not given:
        return chosen
    return evolve(chosen, settings=configured(declared, given, chosen.backend))


def _select(operation: Operation, need: Need, name: str | None) -> Chosen:
    found = _attempt(operation, need, name)
    if not isinstance(found, Chosen):
        head, refused = _refusal(operation, need, name, found)
        faults = _fault_clauses(find_named(operation, name))
        raise NoBackend(
            f"{head}: {'; '.join(refused)}{faults}; "
            f"run `autovoice backends --why {operation}` for details",
            f"{head}: {refused[0]}; "
            f"`autovoice backends --why {operation} --device {need.devices[0]}` tells more",
            need=need,
            considered=found,
            faults=catalogue().faults,
        )
    order = _host().known_devices if need.devices == ("auto",) else need.devices
    missed = order[: order.index(found.device)]
    reasons = "; ".join(reason_clauses(item for item in found.considered if item.device in missed))
    if reasons:
        text = f"{operation} falls back to {found.device} ({found.backend}): {reasons}"
        current_registry().warn_once(text, FallbackWarning, stacklevel=4)
    return found


def plan(need: Need | None = None) -> Plan:
    """Return backends for the three operations of a song on one device, the first that serves all.

    Names come from :func:`using` and the environment; exceptions and warnings are those of
    :func:`select`.
    """
    need = as_need(need)
    choices = current_registry().choices()
    named = [find_named(operation, None) for operation in SONG_OPERATIONS]
    key = (need, *named, *_surroundings())
    chosen: Plan | None = choices.get(key)
    if chosen is None:
        chosen = choices[key] = _plan(need, named)
    return Plan(
        chosen.device,
        *(_with_settings(getattr(chosen, operation), {}) for operation in SONG_OPERATIONS),
    )


def _plan(need: Need, named: Sequence[NamedBackend | None]) -> Plan:
    refusals: list[str] = []
    considered: list[Candidate] = []
    first_reason = ""
    names = {backend.name for backend in named if backend}
    offers = asked_catalogue(need, *named).offers
    may_be_chosen = [item for item in offers if item.name in names or takes_part(item, need)]
    for device in devices_to_try(need, _host(), may_be_chosen):
        here = evolve(need, devices=(device,))
        found = {operation: _attempt(operation, here, None) for operation in SONG_OPERATIONS}
        chosen = {name: item for name, item in found.items() if isinstance(item, Chosen)}
        if len(chosen) == len(SONG_OPERATIONS):
            if refusals:
                text = f"all operations fall back to {device}: {'; '.join(refusals)}"
                current_registry().warn_once(text, FallbackWarning, stacklevel=3)
            return Plan(device=device, **chosen)
        for operation, item in found.items():
            if not isinstance(item, Chosen):
                head, reasons = _refusal(operation, here, None, item)
                considered += item
                refusals.append(f"{head}: {'; '.join(reasons)}")
                first_reason = first_reason or f"{head}: {reasons[0]}"
    raise NoBackend(
        f"no device serves all three operations: {'; '.join(refusals)}{_fault_clauses(None)}; "
        "run `autovoice doctor` for details",
        f"{first_reason}; `autovoice doctor` tells more",
        need=need,
        considered=tuple(considered),
        faults=catalogue().faults,
    )


def _attempt(operation: Operation, need: Need, name: str | None) -> Chosen | tuple[Candidate, ...]:
    """Return the first offer, in order of rank, whose probe succeeds, else every refusal."""
    candidates = rank_offers(operation, need, name=name)
    fitting = [item for item in candidates if not item.reasons]
    refused = [item for item in candidates if item.reasons]
    named = find_named(operation, name)
    for place, item in enumerate(fitting):
        failure = current_registry().probe(item.entry, item.device)
        if failure is not None:
            refused.append(evolve(item, reasons=(failure,)))
            continue
        lower = [with_rank_reason(other, item) for other in fitting[place + 1 :]]
        return Chosen(
            operation=operation,
            device=item.device,
            dtype=need.dtype,
            entry=item.entry,
            because=(
                f"was named by {named.origin}"
                if named
                else f"ranks first of those that fit, with quality {item.entry.offer.quality.name}"
            ),
            considered=(*lower, *refused),
            faults=_faults(named),
        )
    return tuple(refused)


def _refusal(
    operation: Operation, need: Need, name: str | None, refused: Iterable[Candidate]
) -> tuple[str, list[str]]:
    """Return the head of a refusal, and the reasons, those that hold for all offers first."""
    named = find_named(operation, name)
    refused = tuple(refused)
    host = _host()
    absent = set(need.devices) & set(host.known_devices) - set(host.devices)
    covered = {item.device for item in refused for reason in item.reasons if reason.stage == "host"}
    reasons = [text for device in need.devices if (text := unknown_device(device))]
    reasons += [f"this machine has no {device} device" for device in sorted(absent - covered)]
    reasons += reason_clauses(refused) or [nothing_offered(catalogue().faults, PLUGINS[operation])]
    if named:
        head = f"backend {named.name!r}, named by {named.origin}, can't serve {operation} {need}"
    else:
        head = f"no backend serves {operation} {need}"
    return head, reasons


def _host() -> Host:
    return current_registry().host(catalogue().devices)


def _surroundings() -> tuple[str | None, ...]:
    """Return the variables on which devices and weights depend."""
    return tuple(map(os.environ.get, _VARIABLES))


def _faults(named: NamedBackend | None) -> tuple[Fault, ...]:
    """Return the plugins that were left out; who named a backend wants none that is disabled."""
    faults = catalogue().faults
    return tuple(fault for fault in faults if not (named and fault.kind == "disabled"))


def _fault_clauses(named: NamedBackend | None) -> str:
    return "".join(f"; {fault}" for fault in _faults(named))

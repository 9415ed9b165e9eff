"""The choice of a backend: by name or by rank, never in silence."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from attrs import evolve, frozen

from autovoice_core._errors import FallbackWarning, NoBackend
from autovoice_core.backends.catalogue import catalogue
from autovoice_core.backends.chosen import Chosen, Considered, clauses
from autovoice_core.backends.host import FASTEST_FIRST, look
from autovoice_core.backends.naming import asked_for, using
from autovoice_core.backends.offer import OPERATIONS, Need, Operation
from autovoice_core.backends.probing import probe
from autovoice_core.backends.ranking import consider, devices_of, outranked

__all__ = ["Chosen", "Considered", "Plan", "consider", "plan", "select", "using"]

_warned: set[str] = set()


@frozen
class Plan:
    """A backend for each operation, all on one device."""

    device: str
    separation: Chosen
    pitch: Chosen
    conversion: Chosen

    def explain(self) -> str:
        """Return the three choices and every reason as lines of text."""
        return "\n".join(getattr(self, operation).explain() for operation in OPERATIONS)


def select(operation: Operation, need: Need | None = None, *, name: str | None = None) -> Chosen:
    """Return the backend that serves an operation best.

    Parameters
    ----------
    operation
        ``"separation"``, ``"pitch"`` or ``"conversion"``.
    need
        What is needed; by default float32 on the CPU.
    name
        Full name of the backend to use, e.g. ``"cpu/nccf"``. Without it :func:`using` and then
        the environment (``AUTOVOICE_SEPARATION``, ``AUTOVOICE_PITCH``,
        ``AUTOVOICE_CONVERSION``) are asked.

    Raises
    ------
    UnknownBackend
        The backend named is not among the offers.
    NoBackend
        No offer, or not the one named, meets the need; the message holds every reason.
    InputError
        There is no such operation.

    Warns
    -----
    FallbackWarning
        A later device of the need is used; once for each set of reasons.
    """
    need = need or Need()
    found = _attempt(operation, need, name)
    if not isinstance(found, Chosen):
        raise NoBackend(
            f"{_refusal(operation, need, name, found)}{_left_out()}; "
            f"`autovoice backends --why {operation}` tells more"
        )
    order = FASTEST_FIRST if need.devices == ("auto",) else need.devices
    missed = order[: order.index(found.device)]
    reasons = "; ".join(clauses(item for item in found.considered if item.device in missed))
    if reasons:
        _warn_once(f"{operation} falls back to {found.device} ({found.backend}): {reasons}")
    return found


def plan(need: Need | None = None) -> Plan:
    """Return backends for all three operations on one device, the first that serves them all.

    Names come from :func:`using` and the environment; exceptions and warnings are those of
    :func:`select`.
    """
    need = need or Need()
    refusals: list[str] = []
    for device in devices_of(need, look(), catalogue().offers):
        here = evolve(need, devices=(device,))
        found = {operation: _attempt(operation, here, None) for operation in OPERATIONS}
        chosen = {name: item for name, item in found.items() if isinstance(item, Chosen)}
        if len(chosen) == len(OPERATIONS):
            if refusals:
                _warn_once(f"all operations fall back to {device}: {'; '.join(refusals)}")
            return Plan(device=device, **chosen)
        refusals += [
            _refusal(operation, here, None, item)
            for operation, item in found.items()
            if not isinstance(item, Chosen)
        ]
    raise NoBackend(
        f"no device serves all three operations: {'; '.join(refusals)}{_left_out()}; "
        "`autovoice doctor` tells more"
    )


def reset() -> None:
    """Forget which warnings were given; for tests."""
    _warned.clear()


def _attempt(operation: Operation, need: Need, name: str | None) -> Chosen | tuple[Considered, ...]:
    """Return the first offer, in order of rank, whose probe goes through; else every refusal."""
    considered = consider(operation, need, name=name)
    fitting = [item for item in considered if not item.reasons]
    refused = [item for item in considered if item.reasons]
    asked = asked_for(operation, name)
    for place, item in enumerate(fitting):
        failure = probe(item.entry, item.device)
        if failure is not None:
            refused.append(evolve(item, reasons=(failure,)))
            continue
        lower = [outranked(other, item) for other in fitting[place + 1 :]]
        return Chosen(
            operation=operation,
            device=item.device,
            dtype=need.dtype,
            entry=item.entry,
            because=f"was named by {asked.origin}" if asked else "ranks first of those that fit",
            considered=(*lower, *refused),
            faults=catalogue().faults,
        )
    return tuple(refused)


def _refusal(
    operation: Operation, need: Need, name: str | None, refused: Iterable[Considered]
) -> str:
    asked = asked_for(operation, name)
    refused = tuple(refused)
    absent = set(need.devices) & set(FASTEST_FIRST) - set(look().devices)
    said = {item.device for item in refused for reason in item.reasons if reason.stage == "host"}
    reasons = [f"this machine has no {device} device" for device in sorted(absent - said)]
    reasons += clauses(refused) or ["no plugin offers one; install one, such as autovoice-cpu"]
    if asked:
        head = f"backend {asked.name!r}, named by {asked.origin}, can't serve {operation} {need}"
    else:
        head = f"no backend serves {operation} {need}"
    return f"{head}: {'; '.join(reasons)}"


def _left_out() -> str:
    return "".join(f"; {fault}" for fault in catalogue().faults)


def _warn_once(text: str) -> None:
    if text not in _warned:
        _warned.add(text)
        warnings.warn(text, FallbackWarning, stacklevel=3)

"""Checks of the options of a job on backends, before it is queued; no backend is opened."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import fields

from autovoice_core._errors import ArgumentError, InputError, UnknownBackend
from autovoice_core.backends.choice.chosen import reason_clauses
from autovoice_core.backends.choice.given_settings import Given, by_operation
from autovoice_core.backends.choice.named_backends import NamedBackend, using_named
from autovoice_core.backends.choice.ranking import Candidate, rank_offers
from autovoice_core.backends.known_devices import unknown_device
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import SONG_OPERATIONS, Operation
from autovoice_core.backends.plugins.registry import catalogue, current_registry
from autovoice_core.backends.settings import configured
from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.enabled_plugins import require_enabled
from autovoice_core.server.jobs.schemas import JobRequest


def check_backends(request: JobRequest) -> None:
    """Refuse backends, settings and a device that no job on this server could use.

    What only a backend that is opened can tell is left to the job, as is what the server itself
    lacks whatever is asked for.

    Raises
    ------
    ApiError
        422: ``field`` is the option at fault, and the message says what there is.
    """
    options = request.options
    backends = {str(operation): name for operation, name in options.backends.items()}
    try:
        require_enabled(backends)
        _require_device(options.device)
        settings = by_operation(options.settings, "the option settings")
    except ArgumentError as error:
        text = str(error)
        label = text.partition(": ")[0]
        field = label if label.startswith("options.") else f"options.{label}"
        raise _invalid(field, text.partition(": ")[2]) from error
    for operation in _operations(request):
        name, given = backends.get(operation), settings.get(operation, {})
        if name is None and not given and options.device in ("cpu", "auto"):
            continue
        able = _able(operation, name, options.device)
        if able and given:
            _require_settings(able, given)


def _operations(request: JobRequest) -> tuple[Operation, ...]:
    """Return the operations of a job."""
    if request.kind == "convert":
        return SONG_OPERATIONS[1:] if request.options.vocals_only else SONG_OPERATIONS
    if request.kind == "separate":
        return ("separation",)
    return SONG_OPERATIONS[:2] if request.options.separate else ("pitch",)


def _require_device(kind: str) -> None:
    """Refuse a kind of device that nobody offers, or that this machine is known to lack."""
    if text := unknown_device(kind):
        raise ArgumentError(f"options.device: {text}")
    host = current_registry().host(catalogue().devices)
    if kind in set(host.known_devices) - set(host.devices):
        here = " and ".join(host.devices)
        raise ArgumentError(f"options.device: this machine has no {kind} device; it has {here}")


def _able(operation: Operation, name: str | None, device: str) -> list[Candidate]:
    """Return the offers that could serve an operation: the one named, or those that may be chosen.

    Those that are used by name alone are among them, as a voice may name them.
    """
    field = f"options.backends.{operation}"
    named: dict[str, NamedBackend] = {}
    if name is not None:
        named[operation] = NamedBackend(name, f"the option {field}")
    try:
        with using_named(named):
            found = rank_offers(operation, Need(devices=(device,)))
    except UnknownBackend as error:
        if name is None:  # the environment names it: no fault of this client
            return []
        raise _invalid(field, str(error)) from error
    able = [item for item in found if all(reason.code == "opt-in" for reason in item.reasons)]
    if not able and name is not None:
        raise _invalid(field, f"can't serve the job: {'; '.join(reason_clauses(found))}")
    if not able and found and device not in ("cpu", "auto"):
        clauses = "; ".join(reason_clauses(found))
        raise _invalid("options.device", f"no backend serves {operation} on {device}: {clauses}")
    return able


def _require_settings(able: list[Candidate], given: Mapping[str, Given]) -> None:
    """Refuse settings that none of the offers takes."""
    names = {item.entry.name: _setting_names(item) for item in able}
    takers = [item for item in able if set(given) <= set(names[item.entry.name])]
    if not takers and len(able) > 1:
        label = next(iter(given.values())).label
        known = "; ".join(
            f"{name} has {', '.join(found)}" for name, found in names.items() if found
        )
        raise _invalid(
            f"options.settings.{label}",
            f"no backend that may be chosen has {' and '.join(given)}; {known or 'none has any'}",
        )
    first: InputError | None = None
    for item in takers or able:
        try:
            configured(item.entry.offer.settings, given, item.entry.name)
        except InputError as error:
            first = first or error
        else:
            return
    label, _, text = str(first).partition(": ")
    raise _invalid(f"options.settings.{label}", text) from first


def _setting_names(item: Candidate) -> list[str]:
    declared = item.entry.offer.settings
    return [] if declared is None else [each.name for each in fields(declared)]


def _invalid(field: str, message: str) -> ApiError:
    return ApiError(422, "invalid", f"{field}: {message}", field)

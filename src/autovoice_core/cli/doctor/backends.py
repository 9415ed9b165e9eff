"""Plugins that were left out, devices that can't be looked for, and backends that fail."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from autovoice_core._errors import AutoVoiceError, PluginWarning
from autovoice_core.backends.choice.named_backends import find_named
from autovoice_core.backends.choice.ranking import Candidate, rank_offers
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import OPERATIONS
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.host import Host
from autovoice_core.backends.plugins.registry import current_registry
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.import_errors import known_remedy


def check_plugins(catalogue: Catalogue) -> Iterator[Finding]:
    """Yield each plugin that was left out, though the user did not want it to be."""
    for fault in catalogue.faults:
        if not fault.by_choice:
            yield Finding(f"plugin-{fault.kind}", "problem", str(fault), _remedy(fault))


def check_devices(host: Host) -> Iterator[Finding]:
    """Yield each kind of device that can't even be looked for."""
    for kind, error in host.failed_probes:
        text = (
            f"looking for a device of kind {kind} raised {error}; update the plugin that brings it"
        )
        yield Finding("device-probe", "problem", text, "autovoice plugins list")


def check_probes(host: Host) -> Iterator[Finding]:
    """Run the probe of the backend that is chosen for each operation and device; yield failures."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # these faults are findings already
        yield from _failed_probes(host)


def _failed_probes(host: Host) -> Iterator[Finding]:
    for operation in OPERATIONS:
        try:
            ranked = [rank_offers(operation, Need(devices=(device,))) for device in host.devices]
        except AutoVoiceError as error:  # the environment names one that is not there
            yield Finding("backend-choice", "problem", str(error))
            continue
        best = [candidates[0] for candidates in ranked if candidates]
        fitting = [candidate for candidate in best if not candidate.reasons]
        named = find_named(operation, None)
        if named and best and not fitting:
            reasons = ", ".join(map(str, best[-1].reasons))
            text = f"{named.name}, which {named.origin} names for {operation}, {reasons}"
            yield Finding(
                "backend-choice", "problem", text, f"autovoice backends --why {operation}"
            )
        for candidate in fitting:
            yield from _failed_probe(operation, candidate)


def _failed_probe(operation: str, candidate: Candidate) -> Iterator[Finding]:
    entry, device = candidate.entry, candidate.device
    failure = current_registry().probe(entry, device)
    if failure is not None:
        package = entry.distribution.partition(" ")[0]
        text = f"{entry.name} ({entry.distribution}) {failure}"
        remedy = known_remedy(failure.traceback or failure.text, package)
        again = f"autovoice backends --why {operation} --device {device} --probe"
        yield Finding("backend-probe", "problem", text, remedy or again)


def _remedy(fault: Fault) -> str | None:
    package = fault.distribution.partition(" ")[0]
    match fault.kind:
        case "api" if "update autovoice-core" in fault.text:
            return "pip install --upgrade autovoice-core"
        case "load":
            known = known_remedy(fault.traceback or fault.text, package)
            return known or f"pip install --upgrade --force-reinstall {package}"
        case "api" | "hook" | "offer":
            return f"pip install --upgrade {package}"
        case "reserved" | "duplicate":
            return f"pip uninstall -y {package}"
        case _:
            return None

"""The devices of this machine that each installed backend can be used on."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

from autovoice_core.backends.choice.matching import mismatches
from autovoice_core.backends.need import Need
from autovoice_core.backends.offer import Reason
from autovoice_core.backends.plugins.entry import Catalogue, Entry
from autovoice_core.backends.plugins.registry import current_registry
from autovoice_core.backends.settings import described


@frozen
class Availability:
    """An offer, the devices it is usable on here, and the reasons against its other devices."""

    entry: Entry
    usable: tuple[str, ...]
    reasons: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        offer = self.entry.offer
        return {
            "backend": self.entry.name,
            "operation": self.entry.operation,
            "distribution": self.entry.distribution,
            "devices": list(offer.devices),
            "dtypes": list(offer.dtypes),
            "latency_s": offer.latency,
            "quality": offer.quality.name,
            "licence": asdict(offer.licence),
            "weights": [weights.name for weights in offer.weights],
            "opt_in": offer.opt_in,
            "settings": described(offer.settings),
            "usable": list(self.usable),
            "lacks": [asdict(reason) for reason in self.reasons],
        }


def check_availability(catalogue: Catalogue, *, probe: bool = False) -> tuple[Availability, ...]:
    """Return how each offer fits this machine; probes run only with ``probe``."""
    registry = current_registry()
    host = registry.host(
        catalogue.devices,
        {module for entry in catalogue.offers for module in entry.offer.imports},
        {weights for entry in catalogue.offers for weights in entry.offer.weights},
        {library for entry in catalogue.offers for library in entry.offer.libraries},
    )
    checked = []
    for entry in catalogue.offers:
        usable: list[str] = []
        against: dict[Reason, None] = {}
        for device in entry.offer.devices:
            need = Need(devices=(device,), dtype=entry.offer.dtypes[0])
            reasons = mismatches(entry, need, host, named=True)
            failure = registry.probe(entry, device) if probe and not reasons else None
            if failure is not None:
                reasons = (failure,)
            if not reasons:
                usable.append(device)
            against |= dict.fromkeys(reasons)
        checked.append(Availability(entry, tuple(usable), tuple(against)))
    return tuple(checked)

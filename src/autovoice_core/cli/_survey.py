"""What each offer that is installed could do on this machine, whatever a caller may need."""

from __future__ import annotations

from typing import Any

from attrs import asdict, frozen

from autovoice_core.backends.catalogue import Catalogue, Entry
from autovoice_core.backends.host import look
from autovoice_core.backends.matching import unfit
from autovoice_core.backends.offer import Need, Reason
from autovoice_core.backends.probing import probe as run_probe


@frozen
class Surveyed:
    """An offer, the devices it can be used on here, and what it lacks on the others."""

    entry: Entry
    usable: tuple[str, ...]
    lacks: tuple[Reason, ...]

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
            "usable": list(self.usable),
            "lacks": [asdict(reason) for reason in self.lacks],
        }


def survey(catalogue: Catalogue, *, probe: bool = False) -> tuple[Surveyed, ...]:
    """Compare every offer with this machine; run probes only if asked to."""
    host = look(
        {module for entry in catalogue.offers for module in entry.offer.imports},
        {weights for entry in catalogue.offers for weights in entry.offer.weights},
    )
    found = []
    for entry in catalogue.offers:
        usable: list[str] = []
        lacks: dict[Reason, None] = {}
        for device in entry.offer.devices:
            need = Need(devices=(device,), dtype=entry.offer.dtypes[0])
            reasons = unfit(entry, need, host, named=True)
            failure = run_probe(entry, device) if probe and not reasons else None
            if failure is not None:
                reasons = (failure,)
            if not reasons:
                usable.append(device)
            lacks |= dict.fromkeys(reasons)
        found.append(Surveyed(entry, tuple(usable), tuple(lacks)))
    return tuple(found)

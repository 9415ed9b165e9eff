"""The weights that the offers of installed plugins need."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from autovoice_core._arguments import as_text
from autovoice_core._errors import ModelError
from autovoice_core.backends.choice.named_backends import absent_owner
from autovoice_core.backends.plugins.entry import Entry
from autovoice_core.backends.plugins.registry import catalogue
from autovoice_core.backends.weights import Weights
from autovoice_core.backends.wording import did_you_mean


@frozen
class Model:
    """Weights, with the offers that need them."""

    weights: Weights
    used_by: tuple[Entry, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return plain data; ``path`` is relative to the folder of weights."""
        weights = self.weights
        return {
            "name": weights.name,
            "here": weights.is_here(),
            "bytes": weights.size,
            "sha256": weights.sha256,
            "url": weights.url,
            "path": f"{weights.name}/{weights.file}",
            "licence": weights.licence,
            "code_licences": sorted({entry.offer.licence.code for entry in self.used_by}),
            "about": weights.about,
            "used_by": [entry.name for entry in self.used_by],
        }


def known() -> tuple[Model, ...]:
    """Return the weights that installed plugins need, in order of name."""
    users: dict[Weights, list[Entry]] = {}
    for entry in catalogue().offers:
        for weights in entry.offer.weights:
            users.setdefault(weights, []).append(entry)
    ordered = sorted(users, key=lambda weights: (weights.name, weights.sha256))
    return tuple(Model(weights, tuple(users[weights])) for weights in ordered)


def find(name: str) -> Model:
    """Return the weights called ``name``.

    Raises
    ------
    ModelError
        No plugin needs any of that name, the plugin whose name it begins with is left out, or two
        plugins use it for different files.
    """
    name, models = as_text("name", name, example="swiftf0"), known()
    found = [model for model in models if model.weights.name == name]
    if not found:
        if owner := absent_owner(name, catalogue()):
            raise ModelError(f"the weights {name} are those of {owner}")
        names = [model.weights.name for model in models]
        known_names = f"known are {', '.join(names)}" if names else "no installed plugin needs any"
        # A plugin that is not enabled may well need some of that name.
        disabled = [str(fault) for fault in catalogue().faults if fault.kind == "disabled"]
        reasons = "; ".join([known_names, *disabled])
        raise ModelError(f"unknown weights {name!r}{did_you_mean(name, names)}: {reasons}")
    if len(found) > 1:
        owners = " and ".join(model.used_by[0].distribution for model in found)
        raise ModelError(
            f"weights {name!r}: {owners} use this name for different files; uninstall one of them"
        )
    return found[0]

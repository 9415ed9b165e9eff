"""``Environment``: what is installed for this Python, and which of it is used."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.plugins.plugin import normalised
from autovoice_core.cli.doctor.finding import Severity
from autovoice_core.cli.doctor.installed import Installed, find_installed, in_force, needed_by

CORE = "autovoice-core"


@frozen
class Environment:
    """What is installed, in the order of ``sys.path``, and what of it core and plugins use.

    Attributes
    ----------
    installed
        All distributions; the first of a name is in force.
    used
        Names of those that core and the enabled plugins need, directly or not.
    devices
        Kinds of device that backends of the enabled plugins run on.
    failed
        Names of those whose plugin could not be loaded.
    """

    installed: tuple[Installed, ...]
    used: frozenset[str]
    devices: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()

    @property
    def in_force(self) -> dict[str, Installed]:
        """The distributions that are in force, by the names that package indexes compare."""
        return in_force(self.installed)

    def severity(self, names: Iterable[str]) -> Severity:
        """Return how bad it is if those distributions are broken: a problem if one is used."""
        return "problem" if self.used.intersection(names) else "warning"


def find_environment(catalogue: Catalogue) -> Environment:
    """Return what is installed, and what core and the plugins of ``catalogue`` use of it."""
    installed = find_installed()
    enabled = [entry for entry in catalogue.offers if entry.enabled]
    imported = {normalised(name) for entry in enabled for name in entry.offer.imports}
    # CuPy's distributions have names of their own, the module has one.
    cupy = [item.key for item in installed if "cupy" in imported and is_cupy(item)]
    faults = [fault for fault in catalogue.faults if fault.kind == "load"]
    failed = {normalised(fault.distribution.partition(" ")[0]) for fault in faults}
    packages = (entry.distribution.partition(" ")[0] for entry in enabled)
    roots = {CORE, *packages, *failed, *imported, *cupy}
    return Environment(
        installed,
        needed_by(roots, installed),
        frozenset(device for entry in enabled for device in entry.offer.devices),
        frozenset(failed),
    )


def is_cupy(item: Installed) -> bool:
    """Return whether a distribution holds the module ``cupy``."""
    return item.key == "cupy" or item.key.startswith(("cupy-cuda", "cupy-rocm"))

"""The state of an installation: all checks of ``autovoice doctor``, one after another."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from shlex import quote
from typing import get_args

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._folders import data_folder
from autovoice_core._programs import find_program
from autovoice_core.backends.plugins.decisions import FILE
from autovoice_core.backends.plugins.discovery import discover
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.registry import current_registry
from autovoice_core.backends.wording import describe_error
from autovoice_core.cli._availability import Availability, check_availability
from autovoice_core.cli.doctor import (
    backends,
    builds,
    cpp_runtime,
    gpu,
    leftovers,
    shadows,
    sound,
)
from autovoice_core.cli.doctor.broken import check_broken, withhold_numpy_if_it_ends_python
from autovoice_core.cli.doctor.clock import check_clock
from autovoice_core.cli.doctor.consequences import without_consequences
from autovoice_core.cli.doctor.environment import CORE, Environment, find_environment
from autovoice_core.cli.doctor.finding import Finding, Severity
from autovoice_core.cli.doctor.operations import check_operations
from autovoice_core.cli.doctor.packages import Package, check_packages, find_packages
from autovoice_core.cli.doctor.places import DATABASE, Place, find_places, kernel_sources
from autovoice_core.cli.doctor.rights import check_rights
from autovoice_core.cli.doctor.variables import check_variables
from autovoice_core.cli.doctor.voices import check_voices

_ORDER: tuple[Severity, ...] = get_args(Severity)


@frozen
class Diagnosis:
    """The state of an installation, and what was found to be said of it, the worst first."""

    python: str
    platform: str
    devices: tuple[str, ...]
    packages: tuple[Package, ...]
    places: tuple[Place, ...]
    sound: sound.SoundLibrary
    ffmpeg: str | None
    runtime: cpp_runtime.CppRuntime | None
    runtime_needs: dict[str, cpp_runtime.Version]
    offers: tuple[Availability, ...]
    faults: tuple[Fault, ...]
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that something used is broken."""
        return tuple(finding for finding in self.findings if finding.severity == "problem")


def diagnose(*, probe: bool = False) -> Diagnosis:
    """Return the state of this installation; with ``probe``, chosen backends are opened too."""
    withhold_numpy_if_it_ends_python()
    catalogue, damage = _discover()
    offers = check_availability(catalogue)
    host = current_registry().host(catalogue.devices)
    environment = find_environment(catalogue)
    packages = tuple(find_packages(_roots(catalogue, environment), environment.installed))
    kept = find_places(catalogue)
    library = sound.find_sound_library()
    runtime, needs = cpp_runtime.find_runtime(), cpp_runtime.needs_of(environment)
    checks: dict[str, Callable[[], Iterable[Finding]]] = {
        "packages": lambda: check_packages(packages),
        "the files of packages": lambda: check_broken(environment),
        "the C++ runtime": lambda: cpp_runtime.check_runtime(needs, runtime),
        "torch": lambda: builds.check_torch_family(environment),
        "CuPy": lambda: builds.check_cupy(environment),
        "NumPy": lambda: builds.check_numpy_1(environment),
        "pkg_resources": lambda: builds.check_pkg_resources(environment),
        "the GPU's driver": lambda: gpu.check_driver(environment),
        "packages installed twice": lambda: shadows.check_installed_twice(environment),
        "shadowed packages": lambda: shadows.check_shadowing(environment),
        "the script": lambda: shadows.check_script(),
        "environment variables": check_variables,
        "plugins": lambda: (*damage, *backends.check_plugins(catalogue)),
        "devices": lambda: backends.check_devices(host),
        "operations": lambda: check_operations(offers, catalogue, environment.in_force),
        "backends": lambda: backends.check_probes(host) if probe else (),
        "libsndfile": lambda: sound.check_sound_library(library),
        "ffmpeg": sound.check_ffmpeg,
        "places": lambda: chain.from_iterable(place.findings for place in kept),
        # Before voices are read, which may mend the rights of their database in passing.
        "rights": lambda: _of_data(kept, check_rights),
        "voices": lambda: _of_data(kept, lambda folder: check_voices(folder / DATABASE)),
        "leftovers": lambda: leftovers.check_abandoned([Path(), *_data_folders(kept)]),
        "kernels": lambda: chain.from_iterable(
            map(leftovers.check_kernels, kernel_sources(catalogue))
        ),
        "the clock": check_clock,
    }
    found = dict.fromkeys(finding for name in checks for finding in _run(name, checks[name]))
    return Diagnosis(
        python=f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}",
        platform=platform.platform(),
        devices=host.devices,
        packages=packages,
        places=kept,
        sound=library,
        ffmpeg=find_program("ffmpeg"),
        runtime=runtime,
        runtime_needs=needs,
        offers=offers,
        faults=catalogue.faults,
        findings=tuple(
            sorted(without_consequences(found), key=lambda finding: _ORDER.index(finding.severity))
        ),
    )


def _discover() -> tuple[Catalogue, tuple[Finding, ...]]:
    """Return the catalogue, or an empty one and why there is none."""
    try:
        return discover(), ()
    except InputError as error:  # the file of enabled plugins is damaged
        path = data_folder() / FILE
        remedy = f"rm {quote(str(path))}"
        return Catalogue(), (Finding("plugins-file", "problem", str(error), remedy),)


def _roots(catalogue: Catalogue, environment: Environment) -> Iterator[tuple[str, str]]:
    """Yield name and version of core and of each plugin that was loaded."""
    core = environment.in_force.get(CORE)
    yield CORE, core.version if core else "unknown"
    for label in sorted({entry.distribution for entry in catalogue.offers}):
        name, _, version = label.partition(" ")
        yield name, version


def _of_data(
    kept: Iterable[Place], check: Callable[[Path], Iterable[Finding]]
) -> Iterable[Finding]:
    return chain.from_iterable(map(check, _data_folders(kept)))


def _data_folders(kept: Iterable[Place]) -> list[Path]:
    """Return the folder of data, or nothing if there is no place for one."""
    return [place.path.parent for place in kept if place.holds == "voices" and place.path]


def _run(name: str, check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """Yield what a check finds; one that fails, on an installation in ruins, stops no other."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001  # told, and the others go on
        text = f"the check of {name} failed: {describe_error(error)}; please report it"
        yield Finding("check-failed", "warning", text)

"""The checks of ``autovoice doctor``: packages, plugins, devices, places, sound, C++ runtime."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from attrs import frozen

from autovoice_core.backends.offer import SONG_OPERATIONS
from autovoice_core.backends.plugins.discovery import discover
from autovoice_core.backends.plugins.entry import Catalogue, Fault
from autovoice_core.backends.plugins.registry import current_registry
from autovoice_core.backends.wording import describe_error
from autovoice_core.cli import _cpp_runtime
from autovoice_core.cli._availability import Availability, check_availability
from autovoice_core.cli._doctor_places import Place, find_places

CORE = "autovoice-core"
EXPECTED_FORMATS = ("WAV", "FLAC", "OGG", "MP3")

_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)(?:;(.*))?")
_BOUND = re.compile(r"(>=|<)\s*(\d+(?:\.\d+)*)")


@frozen
class Package:
    """A package, its version (None if missing), and which package needs it in which bounds."""

    name: str
    version: str | None
    wanted_by: str = ""
    bounds: str = ""

    @property
    def problem(self) -> str | None:
        """What is wrong with it, as a sentence, or None."""
        need = f"{self.wanted_by} needs {self.name}{self.bounds}"
        remedy = f"run `pip install '{self.name}{self.bounds}'`"
        if self.version is None:
            return f"{need}, which is not installed; {remedy}"
        if not _is_within(self.version, self.bounds):
            return f"{need}, but {self.version} is installed; {remedy}"
        return None


@frozen
class Diagnosis:
    """The state of an installation; ``problems`` are sentences with remedies."""

    python: str
    platform: str
    devices: tuple[str, ...]
    packages: tuple[Package, ...]
    places: tuple[Place, ...]
    libsndfile: str | None
    formats: tuple[str, ...]
    ffmpeg: str | None
    runtime: _cpp_runtime.CppRuntime | None
    scipy_needs: tuple[int, ...]
    offers: tuple[Availability, ...]
    faults: tuple[Fault, ...]
    problems: tuple[str, ...]


def diagnose() -> Diagnosis:
    """Return the state of this installation; runs no backend and no probe."""
    catalogue = discover()
    offers = check_availability(catalogue)
    host = current_registry().host(catalogue.devices)
    packages = tuple(_packages(catalogue))
    places = find_places(catalogue)
    libsndfile, formats, sound_problem = _sound_library()
    runtime, needed = _cpp_runtime.find_runtime(), _cpp_runtime.needed_version("scipy")
    problems = [
        *(package.problem for package in packages),
        *(place.problem for place in places),
        sound_problem,
        _cpp_runtime.runtime_problem("scipy", needed, runtime),
        *(str(fault) for fault in catalogue.faults if not fault.by_choice),
        *(
            f"looking for a device of kind {kind} raised {error}; update the plugin that brings it"
            for kind, error in host.failed_probes
        ),
        *_unserved(offers),
    ]
    return Diagnosis(
        python=f"{platform.python_implementation()} {platform.python_version()}, {sys.executable}",
        platform=platform.platform(),
        devices=host.devices,
        packages=packages,
        places=places,
        libsndfile=libsndfile,
        formats=formats,
        ffmpeg=shutil.which("ffmpeg"),
        runtime=runtime,
        scipy_needs=needed,
        offers=offers,
        faults=catalogue.faults,
        problems=tuple(dict.fromkeys(problem for problem in problems if problem)),
    )


def _packages(catalogue: Catalogue) -> Iterator[Package]:
    """Yield core, the distributions of plugins, and what each of them requires."""
    plugins = {entry.distribution for entry in catalogue.offers}
    for label in (f"{CORE} {_version(CORE) or 'unknown'}", *sorted(plugins)):
        name, _, release = label.partition(" ")
        yield Package(name, release)
        for requirement in _requirements(name):
            match = _REQUIREMENT.match(requirement)
            # What has a marker is for an extra or another platform: not always needed.
            if match and not match[3]:
                yield Package(match[1], _version(match[1]), name, match[2].strip())


def _requirements(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _is_within(found: str, bounds: str) -> bool:
    """Return whether a version is within bounds, by its release numbers alone."""
    release = _release(found)
    return all(
        (release >= _release(bound)) == (sign == ">=") for sign, bound in _BOUND.findall(bounds)
    )


def _release(text: str) -> tuple[int, ...]:
    """Return the leading numbers of a version, without zeros at the end: 2.0.0rc1 is (2,)."""
    numbers = re.match(r"\d+(\.\d+)*", text)
    release = [int(part) for part in numbers[0].split(".")] if numbers else []
    while release and release[-1] == 0:
        release.pop()
    return tuple(release)


def _sound_library() -> tuple[str | None, tuple[str, ...], str | None]:
    """Return libsndfile's version, its formats, and what is wrong with it, if anything."""
    try:
        import soundfile
    except Exception as error:  # noqa: BLE001  # OSError where libsndfile is missing, and others
        return None, (), f"sound files can't be read ({describe_error(error)}); reinstall soundfile"
    formats = tuple(sorted(soundfile.available_formats()))
    missing = [name for name in EXPECTED_FORMATS if name not in formats]
    release: str = soundfile.__libsndfile_version__
    if not missing:
        return release, formats, None
    text = f"libsndfile {release} can't read {' or '.join(missing)}; update soundfile or libsndfile"
    return release, formats, text


def _unserved(offers: Iterable[Availability]) -> Iterator[str]:
    served = {item.entry.operation for item in offers if item.usable}
    for operation in SONG_OPERATIONS:
        if operation not in served:
            yield f"no backend can do {operation} here; install one, such as autovoice-cpu"

"""The packages that core and the enabled plugins require: missing, or of other versions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import frozen

from autovoice_core.backends.plugins.plugin import normalised
from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.installed import Installed, in_force
from autovoice_core.cli.doctor.versions import is_within


@frozen
class Package:
    """A package, its version (None if missing), and which package needs it in which bounds."""

    name: str
    version: str | None
    wanted_by: str = ""
    bounds: str = ""


def find_packages(
    roots: Iterable[tuple[str, str]], installed: Iterable[Installed]
) -> Iterator[Package]:
    """Yield each root, given by name and version, and what it requires."""
    first = in_force(installed)
    for name, version in roots:
        yield Package(name, version)
        root = first.get(normalised(name))
        for need in root.requirements if root else ():
            # What has a marker is for an extra or another platform: not always needed.
            if not need.marker:
                item = first.get(normalised(need.name))
                yield Package(need.name, item.version if item else None, name, need.bounds)


def check_packages(packages: Iterable[Package]) -> Iterator[Finding]:
    """Yield each package that is needed, and missing or of another version."""
    for package in packages:
        need = f"{package.wanted_by} needs {package.name}{package.bounds}"
        remedy = f"pip install '{package.name}{package.bounds}'"
        if package.version is None:
            text = f"{need}, which is not installed"
            module = normalised(package.name).replace("-", "_")
            yield Finding("package-missing", "problem", text, remedy, breaks=module)
        elif not is_within(package.version, package.bounds):
            text = f"{need}, but {package.version} is installed"
            yield Finding("package-version", "problem", text, remedy)

"""Checks of what lies in the wheels and source archives: all that belongs there, and no more."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from email.parser import Parser
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from tools.release import sbom
from tools.release.distributions import ROOT, VERSION, Distribution, distributions

OF_BUILD = {"METADATA", "RECORD", "WHEEL", "entry_points.txt"}
"""What the build adds to a wheel."""
OF_SOURCE = {".gitignore", "PKG-INFO", "README.md", "pyproject.toml", sbom.FILE}
"""What a source archive has beside modules and licences."""
NO_MODULES = {"autovoice"}


def check(folder: Path) -> None:
    """Refuse archives in a folder that hold too much, too little or something else.

    Raises
    ------
    SystemExit
        Something is wrong; every fault is told.
    """
    faults = [fault for each in distributions() for fault in _faults(each, folder)]
    archives = sorted(map(str, folder.iterdir()))
    expected = {name for each in distributions() for name in (each.wheel, each.source)}
    faults += _difference(str(folder), {Path(path).name for path in archives}, expected)
    checked = subprocess.run([sys.executable, "-m", "twine", "check", "--strict", *archives])
    if checked.returncode != 0:
        faults.append("twine refuses an archive; see above")
    if faults:
        raise SystemExit("\n".join(faults))


def _faults(distribution: Distribution, folder: Path) -> Iterable[str]:
    sources = _sources(distribution)
    licences = set(distribution.settings["project"]["license-files"])
    with zipfile.ZipFile(folder / distribution.wheel) as wheel:
        names = set(wheel.namelist())
        info = f"{distribution.file_name}-{VERSION}.dist-info"
        of_info = OF_BUILD | {f"licenses/{name}" for name in licences} | {f"sboms/{sbom.FILE}"}
        expected = sources | {f"{info}/{name}" for name in of_info}
        yield from _difference(distribution.wheel, names, expected)
        if names == expected:
            yield from _described(distribution, wheel, info)
    if distribution.name not in NO_MODULES and f"{distribution.file_name}/py.typed" not in sources:
        yield f"{distribution.wheel}: has no py.typed"
    with tarfile.open(folder / distribution.source) as archive:
        inside = {path.partition("/")[2] for path in archive.getnames()}
    expected = {f"src/{path}" for path in sources} | OF_SOURCE | licences
    expected |= {"CHANGELOG.md"} if distribution.folder == ROOT else set()
    yield from _difference(distribution.source, inside, expected)


def _sources(distribution: Distribution) -> set[str]:
    """Return the files of a distribution's modules that are in the repository."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "src"), cwd=distribution.folder, capture_output=True, check=True
    )
    paths = {path for path in listed.stdout.decode().split("\0") if path}
    return {path.removeprefix("src/") for path in paths}


def _difference(archive: str, found: set[str], expected: set[str]) -> Iterable[str]:
    yield from (f"{archive}: {name} does not belong there" for name in sorted(found - expected))
    yield from (f"{archive}: lacks {name}" for name in sorted(expected - found))


def _described(distribution: Distribution, wheel: zipfile.ZipFile, info: str) -> Iterable[str]:
    """Yield what is wrong with what a wheel says of itself."""
    metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
    if (metadata["Name"], metadata["Version"]) != (distribution.name, VERSION):
        yield f"{distribution.wheel}: calls itself {metadata['Name']} {metadata['Version']}"
    bill = wheel.read(f"{info}/sboms/{sbom.FILE}").decode()
    fault = JsonStrictValidator(SchemaVersion.V1_7).validate_str(bill)
    if fault is not None:
        yield f"{distribution.wheel}: its bill of materials is not CycloneDX 1.7: {fault}"
    for component in json.loads(bill)["components"]:
        for place in component.get("evidence", {}).get("occurrences", []):
            digest = hashlib.sha256(wheel.read(place["location"])).hexdigest()
            if digest not in {each["content"] for each in component["hashes"]}:
                yield f"{distribution.wheel}: {place['location']} is not what its bill says"

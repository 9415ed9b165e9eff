"""The bill of materials of every wheel (CycloneDX 1.7): what is bundled in it, and what it needs.

``python -m tools.release.sbom`` writes ``sbom.cdx.json`` beside each ``pyproject.toml``, from where
the build puts it into the wheel (PEP 770). It lies in the repository, so that a build runs no code
but the build backend's, and holds no date, so that two builds are the same; a test refuses one that
is out of date.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from packaging.requirements import Requirement

from tools.release.bundled import BundledNetwork, networks
from tools.release.distributions import VERSION, Distribution, distributions, named

FILE = "sbom.cdx.json"


def bill(distribution: Distribution) -> dict[str, Any]:
    """Return the bill of materials of one distribution."""
    root = _package(distribution.name, VERSION) | {
        "description": distribution.settings["project"]["description"],
        "licenses": [{"expression": distribution.settings["project"]["license"]}],
    }
    bundled = [_bundled(distribution, network) for network in networks(distribution)]
    needed = [_needed(requirement, "") for requirement in distribution.requirements]
    of_extras = [
        _needed(requirement, extra)
        for extra, requirements in distribution.extras.items()
        for requirement in requirements
        if named(requirement) != distribution.name
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.7.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.7",
        "version": 1,
        "metadata": {"component": root},
        "components": [*bundled, *needed, *of_extras],
        "dependencies": [
            {"ref": root["bom-ref"], "dependsOn": [each["bom-ref"] for each in bundled + needed]}
        ],
    }


def text(distribution: Distribution) -> str:
    """Return the bill of materials of one distribution as its file has it."""
    return json.dumps(bill(distribution), indent=2, ensure_ascii=False) + "\n"


def _package(name: str, version: str = "") -> dict[str, Any]:
    address = f"pkg:pypi/{name}" + (f"@{version}" if version else "")
    described = {"type": "library", "bom-ref": address, "name": name, "purl": address}
    return described | ({"version": version} if version else {})


def _needed(requirement: str, extra: str) -> dict[str, Any]:
    """Return the component that a requirement stands for, which the wheel does not hold."""
    wanted = Requirement(requirement)
    bounds = sorted(wanted.specifier, key=lambda bound: (bound.operator[0] != ">", str(bound)))
    exact = bounds[0].version if [bound.operator for bound in bounds] == ["=="] else ""
    component = _package(named(requirement), exact)
    component["bom-ref"] += f"#{extra}" if extra else ""
    component |= {"isExternal": True, "scope": "optional" if extra else "required"}
    if bounds and not exact:
        component["versionRange"] = "vers:pypi/" + "|".join(map(str, bounds))
    properties = {"cdx:python:package:required-extra": extra}
    properties["autovoice:extras"] = ",".join(sorted(wanted.extras))
    properties["autovoice:marker"] = str(wanted.marker or "")
    stated = [{"name": key, "value": value} for key, value in properties.items() if value]
    return component | ({"properties": stated} if stated else {})


def _bundled(distribution: Distribution, network: BundledNetwork) -> dict[str, Any]:
    content = (distribution.folder / "src" / network.path).read_bytes()
    component = {
        "type": "machine-learning-model",
        "bom-ref": network.path,
        "name": network.name,
        "version": network.version or VERSION,
        "description": network.description,
        "scope": "required",
        "hashes": [_hash(hashlib.sha256(content).hexdigest())],
        "licenses": [{"license": {"id": network.licence}}],
        "evidence": {"occurrences": [{"location": network.path}]},
    }
    if network.origin is not None:
        address, digest = network.origin
        name, _, version = address.rpartition("/")[2].partition("@")
        original = {"type": "library", "name": name, "version": version, "purl": address}
        component["pedigree"] = {"ancestors": [original | {"hashes": [_hash(digest)]}]}
    return component


def _hash(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


def main() -> None:
    """Write the bills of materials of all distributions."""
    for distribution in distributions():
        path = distribution.folder / FILE
        path.write_text(text(distribution), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()

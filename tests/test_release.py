"""Distributions that fit one another: versions, ranges, licences, and what is bundled."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from tools.release import sbom
from tools.release.bundled import BUNDLED, DATA, networks
from tools.release.distributions import ROOT, VERSION, Distribution, distributions, named

ALL = distributions()
OURS = {distribution.name: distribution for distribution in ALL}
OF_ALL = pytest.mark.parametrize("distribution", ALL, ids=list(OURS))
WORKFLOWS = ROOT / ".github" / "workflows"
MATRIX = re.search(r"python: \[(.*)\]", (WORKFLOWS / "tests.yml").read_text(encoding="utf-8"))
PYTHONS = re.findall(r"[\d.]+", MATRIX[1] if MATRIX else "")
TESTED_ON_ALL = {"autovoice-core", "autovoice-cpu", "autovoice-speech", "autovoice"}
"""Distributions that the workflow tries on each of these Pythons, not on the first alone."""
SEVERAL_RANGES = {"torch"}
"""What one distribution needs in a newer version than another does."""


def requirements(distribution: Distribution) -> list[Requirement]:
    lines = [
        *distribution.requirements,
        *(each for e in distribution.extras.values() for each in e),
    ]
    return [Requirement(line) for line in lines]


def versions(path: Path) -> dict[str, str]:
    """Return the version that a file pins each package to."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pins = [line.split()[0].partition("==") for line in lines if re.match(r"\w[^ ]*==", line)]
    return {named(name): version for name, _, version in pins}


def test_core_comes_first_and_what_gathers_the_others_last() -> None:
    names = [distribution.name for distribution in ALL]
    assert (names[0], names[-1]) == ("autovoice-core", "autovoice")
    assert {"autovoice-cpu", "autovoice-rvc", "autovoice-speech"} < set(names)


@OF_ALL
def test_a_distribution_takes_its_version_from_the_file_of_all(distribution: Distribution) -> None:
    assert distribution.settings["project"]["dynamic"] == ["version"]
    version = distribution.folder / distribution.settings["tool"]["hatch"]["version"]["path"]
    assert version.resolve() == ROOT / "VERSION"


@OF_ALL
def test_a_distribution_says_what_it_is_and_for_which_python(distribution: Distribution) -> None:
    project = distribution.settings["project"]
    assert (
        project["requires-python"] == OURS["autovoice-core"].settings["project"]["requires-python"]
    )
    assert (distribution.folder / project["readme"]).read_text(encoding="utf-8").startswith("# ")


@OF_ALL
def test_a_distribution_tells_the_index_what_it_is_for(distribution: Distribution) -> None:
    project = distribution.settings["project"]
    assert project["description"].endswith(".")
    assert project["keywords"]
    assert project["classifiers"] == sorted(project["classifiers"])
    # A licence is told by its expression alone: the index refuses both.
    assert not any(each.startswith("License ::") for each in project["classifiers"])
    prefix = "Programming Language :: Python :: "
    pythons = [each.removeprefix(prefix) for each in project["classifiers"] if prefix in each]
    assert pythons == (PYTHONS if distribution.name in TESTED_ON_ALL else PYTHONS[:1])


@OF_ALL
def test_a_readme_leads_nowhere_on_the_index_but_that_of_core(distribution: Distribution) -> None:
    readme = (distribution.folder / "README.md").read_text(encoding="utf-8")
    assert ("](" in readme) == (distribution.name == "autovoice-core")


def test_actions_are_pinned_to_the_hash_of_a_commit() -> None:
    for workflow in WORKFLOWS.glob("*.yml"):
        for action in re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), action


@OF_ALL
def test_a_distribution_carries_the_licence_of_all(distribution: Distribution) -> None:
    project = distribution.settings["project"]
    assert "LICENSE" in project["license-files"]
    licence = (distribution.folder / "LICENSE").read_bytes()
    assert licence == (ROOT / "LICENSE").read_bytes()


@OF_ALL
def test_distributions_of_one_version_go_together(distribution: Distribution) -> None:
    version = Version(VERSION)
    compatible = f"<{version.major}.{version.minor + 1},>={version.major}.{version.minor}"
    expected = f"=={VERSION}" if distribution.name == "autovoice" else compatible
    for requirement in requirements(distribution):
        if requirement.name in set(OURS) - {distribution.name}:
            assert str(requirement.specifier) == expected, requirement


@OF_ALL
def test_extras_that_are_asked_for_exist(distribution: Distribution) -> None:
    for requirement in requirements(distribution):
        if requirement.name in OURS:
            assert requirement.extras <= OURS[requirement.name].extras.keys(), requirement


def test_what_several_distributions_need_they_need_in_one_range() -> None:
    ranges = defaultdict(set)
    for distribution in ALL:
        for requirement in requirements(distribution):
            ranges[named(requirement.name)].add(str(requirement.specifier))
    several = {name for name, found in ranges.items() if len(found) > 1}
    assert several - OURS.keys() == SEVERAL_RANGES


def test_what_is_needed_is_pinned_in_the_constraints() -> None:
    pinned = versions(ROOT / "constraints.txt").keys()
    needed = {named(each.name) for distribution in ALL for each in requirements(distribution)}
    assert needed - pinned - OURS.keys() == {"cupy-cuda12x", "cupy-cuda13x", "triton"}


def test_what_builds_a_release_has_hashes_and_the_versions_of_the_constraints() -> None:
    """If it has not, run the command at the top of that file."""
    locked = versions(ROOT / "tools" / "release" / "requirements.txt")
    constraints = versions(ROOT / "constraints.txt")
    groups = OURS["autovoice-core"].settings["dependency-groups"]
    assert {named(requirement) for requirement in groups["release"]} <= locked.keys()
    both = locked.keys() & constraints.keys()
    assert {name: locked[name] for name in both} == {name: constraints[name] for name in both}


@OF_ALL
def test_the_bill_of_materials_is_up_to_date(distribution: Distribution) -> None:
    """If it is not, run ``python -m tools.release.sbom``."""
    written = (distribution.folder / sbom.FILE).read_text(encoding="utf-8")
    assert written == sbom.text(distribution)
    target = distribution.settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert target["sbom-files"] == [sbom.FILE]


@OF_ALL
def test_data_in_a_package_is_named_with_its_licence(distribution: Distribution) -> None:
    source = distribution.folder / "src"
    data = {path for path in source.rglob("*") if path.suffix in DATA}
    assert data == {source / network.path for network in networks(distribution)}
    for network in networks(distribution):
        assert network.licence in distribution.settings["project"]["license"]


def test_only_distributions_bundle_networks() -> None:
    assert BUNDLED.keys() <= OURS.keys()


def test_a_bill_of_materials_tells_bundled_from_needed() -> None:
    bill = sbom.bill(OURS["autovoice-core"])
    bundled = {each["name"] for each in bill["components"] if not each.get("isExternal")}
    assert bundled == {"autovoice-phones", "autovoice-mask", "resemblyzer-speaker-encoder"}
    by_name = {each["bom-ref"]: each for each in bill["components"]}
    assert by_name["pkg:pypi/numpy"]["versionRange"] == "vers:pypi/>=2.0"
    assert by_name["pkg:pypi/speechmos@0.0.1.1#report"]["version"] == "0.0.1.1"
    assert by_name["pkg:pypi/mido#midi"]["versionRange"] == "vers:pypi/>=1.3|<2"
    assert by_name["pkg:pypi/mido#midi"]["scope"] == "optional"

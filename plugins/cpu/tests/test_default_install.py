"""The default install, `autovoice-core` and `autovoice-cpu`: no torch, no GPU, no download."""

from __future__ import annotations

from importlib.metadata import requires

from packaging.requirements import Requirement

from autovoice_core.backends import catalogue

HEAVY = {"torch", "tensorflow", "cupy", "transformers", "ray"}


def brought_by(distribution: str, seen: set[str]) -> set[str]:
    """Return the names of all distributions that one requires without its extras."""
    for line in requires(distribution) or []:
        requirement = Requirement(line)
        if requirement.name in seen:
            continue
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            seen.add(requirement.name)
            brought_by(requirement.name, seen)
    return seen


def test_the_default_install_brings_no_torch() -> None:
    brought = brought_by("autovoice-cpu", set())
    assert {"autovoice-core", "numpy", "numba"} <= brought
    assert not HEAVY & brought


def test_the_default_backends_need_no_download() -> None:
    offers = [entry.offer for entry in catalogue().offers if entry.name.startswith("cpu/")]
    assert len(offers) >= 5
    assert [offer.name for offer in offers if offer.weights] == []

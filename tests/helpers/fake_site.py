"""Distributions made up for a test: metadata and files in a folder that is put on ``sys.path``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from autovoice_core.backends import Catalogue, Entry, Licence, Offer
from autovoice_core.cli.doctor.environment import Environment, find_environment


def install(
    site: Path,
    name: str,
    version: str,
    *requirements: str,
    files: Mapping[str, str | bytes] | None = None,
) -> Path:
    """Write the metadata of a distribution, and its files, as pip would; return its folder."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {requirement}" for requirement in requirements]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, "", "Text: none"]))
    for path, content in (files or {}).items():
        file = site / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return site


def environment_using(
    *modules: str, devices: tuple[str, ...] = ("cpu",), enabled: bool = True
) -> Environment:
    """Return this Python's environment, seen by a plugin that imports those modules."""
    offer = Offer(
        name="x", load="a:b", devices=devices, licence=Licence("MIT"), imports=tuple(modules)
    )
    return find_environment(Catalogue((Entry("mine/x", "pitch", "mine 1.0", offer, enabled),)))

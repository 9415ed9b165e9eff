"""A diagnosis as plain data for scripts, and as text."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import click
from attrs import asdict
from rich.table import Table

from autovoice_core.cli._output import print_table
from autovoice_core.cli.doctor.cpp_runtime import symbol_name
from autovoice_core.cli.doctor.diagnosis import Diagnosis


def as_dict(found: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as plain data."""
    runtime = found.runtime
    return {
        "python": found.python,
        "platform": found.platform,
        "devices": list(found.devices),
        "packages": [asdict(package) for package in found.packages],
        "places": {place.holds: str(place.path) if place.path else None for place in found.places},
        "libsndfile": found.sound.release,
        "formats": list(found.sound.formats),
        "ffmpeg": found.ffmpeg,
        "libstdcxx": {
            "path": runtime.path if runtime else None,
            "newest": symbol_name(runtime.newest) if runtime else None,
            "needs": {name: symbol_name(needed) for name, needed in found.runtime_needs.items()},
        },
        "backends": [item.as_dict() for item in found.offers],
        "faults": [asdict(fault) for fault in found.faults],
        "findings": [finding.as_dict() for finding in found.findings],
    }


def show(found: Diagnosis, done: Sequence[str] = ()) -> None:
    """Print a diagnosis, and what was ``done`` before it."""
    click.echo(f"Python:      {found.python}")
    click.echo(f"platform:    {found.platform}")
    click.echo(f"devices:     {', '.join(found.devices)}")
    click.echo(f"libsndfile:  {found.sound.release or 'missing'}; {', '.join(found.sound.formats)}")
    click.echo(f"ffmpeg:      {found.ffmpeg or 'none'}")
    click.echo(f"libstdc++:   {_runtime(found)}")
    for place in found.places:
        click.echo(f"{place.holds + ':':<12} {place.path or 'nowhere'}{place.note}")
    _show_packages(found)
    _show_backends(found)
    _show_findings(found, done)


def _show_packages(found: Diagnosis) -> None:
    table = Table("package", "version", "needed by", "as", box=None)
    for package in found.packages:
        table.add_row(package.name, package.version or "missing", package.wanted_by, package.bounds)
    click.echo()
    print_table(table)


def _show_backends(found: Diagnosis) -> None:
    click.echo("\n backends")
    for item in found.offers:
        usable = [f"is usable on {', '.join(item.usable)}"] if item.usable else []
        click.echo(f" {item.entry.name} {', '.join([*usable, *map(str, item.reasons)])}")
    for weights in {weights: None for item in found.offers for weights in item.entry.offer.weights}:
        here = f"in {weights.place}" if weights.is_here() else "not on this machine"
        click.echo(f" weights {weights}, {here}")
    for fault in found.faults:
        click.echo(f" {fault}")
        if fault.traceback:
            click.echo(textwrap.indent(fault.traceback, "   | "), nl=False)


def _show_findings(found: Diagnosis, done: Sequence[str]) -> None:
    click.echo()
    for text in done:
        click.echo(f"fixed: {text}")
    for finding in found.findings:
        click.echo(f"{finding.severity}: {finding.text}")
        if finding.remedy:
            click.echo(f"    run: {finding.remedy}")
    if not found.problems:
        click.echo("no problems found")


def _runtime(found: Diagnosis) -> str:
    if found.runtime is None:
        return "none found"
    newest = max(found.runtime_needs.values(), default=())
    needing = [name for name, needed in found.runtime_needs.items() if needed == newest]
    needs = f"; {', '.join(needing)} need {symbol_name(newest)}" if needing else ""
    return f"{found.runtime.path}, up to {symbol_name(found.runtime.newest)}{needs}"

"""``autovoice doctor``: checks of the installation, printed or as JSON."""

from __future__ import annotations

import textwrap
from typing import Any

import click
from attrs import asdict
from rich.table import Table

from autovoice_core.cli._cpp_runtime import symbol_name
from autovoice_core.cli._doctor_checks import Diagnosis, diagnose
from autovoice_core.cli._output import print_json, print_table
from autovoice_core.cli._private_paths import without_folders


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
def command(as_json: bool) -> None:
    """Check the installation; exit with 1 if something is wrong.

    Looks at Python, packages, plugins, devices, folders, sound formats and the C++ runtime.
    Backends are not run: `autovoice backends --probe` runs them.
    """
    found = diagnose()
    if as_json:
        print_json(without_folders(_as_dict(found)))
    else:
        _show(found)
    if found.problems:
        raise click.exceptions.Exit(1)


def _as_dict(found: Diagnosis) -> dict[str, Any]:
    return {
        "python": found.python,
        "platform": found.platform,
        "devices": list(found.devices),
        "packages": [asdict(package) for package in found.packages],
        "places": {place.holds: str(place.path) if place.path else None for place in found.places},
        "libsndfile": found.libsndfile,
        "formats": list(found.formats),
        "ffmpeg": found.ffmpeg,
        "libstdcxx": {
            "path": found.runtime.path if found.runtime else None,
            "newest": symbol_name(found.runtime.newest) if found.runtime else None,
            "needed_by_scipy": symbol_name(found.scipy_needs) if found.scipy_needs else None,
        },
        "backends": [item.as_dict() for item in found.offers],
        "faults": [asdict(fault) for fault in found.faults],
        "problems": list(found.problems),
    }


def _show(found: Diagnosis) -> None:
    click.echo(f"Python:      {found.python}")
    click.echo(f"platform:    {found.platform}")
    click.echo(f"devices:     {', '.join(found.devices)}")
    click.echo(f"libsndfile:  {found.libsndfile or 'missing'}; {', '.join(found.formats)}")
    click.echo(f"ffmpeg:      {found.ffmpeg or 'none; M4A, WMA and video are read through it'}")
    click.echo(f"libstdc++:   {_runtime(found)}")

    for place in found.places:
        click.echo(f"{place.holds + ':':<12} {place.path or 'nowhere'}{place.note}")

    packages = Table("package", "version", "needed by", "as", box=None)
    for package in found.packages:
        packages.add_row(
            package.name, package.version or "missing", package.wanted_by, package.bounds
        )
    click.echo()
    print_table(packages)

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

    click.echo()
    for problem in found.problems:
        click.echo(f"problem: {problem}")
    if not found.problems:
        click.echo("no problems found")


def _runtime(found: Diagnosis) -> str:
    if found.runtime is None:
        return "none found"
    needs = f"; SciPy needs {symbol_name(found.scipy_needs)}" if found.scipy_needs else ""
    return f"{found.runtime.path}, up to {symbol_name(found.runtime.newest)}{needs}"

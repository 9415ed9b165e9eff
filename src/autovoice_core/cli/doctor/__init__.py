"""``autovoice doctor``: checks of the installation, each with the command that mends it."""

from __future__ import annotations

import click

from autovoice_core.cli._output import print_json
from autovoice_core.cli._private_paths import without_folders
from autovoice_core.cli.doctor.apart import output_apart
from autovoice_core.cli.doctor.diagnosis import diagnose
from autovoice_core.cli.doctor.fixing import fix
from autovoice_core.cli.doctor.report import as_dict, show


@click.command()
@click.option("--probe", is_flag=True, help="Also run the probe of each backend that is chosen.")
@click.option(
    "--fix",
    "fixing",
    is_flag=True,
    help="Mend what is safe to mend: make the data folder, correct the rights of its files, remove "
    "leftovers of killed runs and stale kernels.",
)
@click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
def command(probe: bool, fixing: bool, as_json: bool) -> None:
    """Check the installation; exit with 1 if something that is used is broken.

    Looks at Python, packages, plugins, devices, drivers, folders, sound formats and the C++
    runtime. Each finding comes with the command that mends it. Without --fix nothing is changed,
    and no package or voice ever is.
    """
    with output_apart():
        found = diagnose(probe=probe)
        done = fix(found.findings) if fixing else []
        if done:
            found = diagnose(probe=probe)
    if as_json:
        print_json(without_folders({**as_dict(found), "fixed": done}))
    else:
        show(found, done)
    if found.problems:
        raise click.exceptions.Exit(1)

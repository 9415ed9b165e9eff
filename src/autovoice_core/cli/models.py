"""``autovoice models``: the model weights that backends need, downloaded and checked."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.table import Table

from autovoice_core import models
from autovoice_core._errors import ModelError
from autovoice_core.backends.weights import format_file_size
from autovoice_core.cli._group import CommandGroup
from autovoice_core.cli._options import PATH
from autovoice_core.cli._output import print_json, print_table, progress_bar


@click.group("models", cls=CommandGroup)
def command() -> None:
    """Get the model weights that backends need, as they are not part of the packages.

    Only `autovoice models get NAME` downloads anything. The weights are kept in the folder that
    AUTOVOICE_MODELS names, which can be copied to a machine without a network connection.
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
def list_(as_json: bool) -> None:
    """List the weights that installed backends need, with sizes and licences."""
    known = models.known()
    if as_json:
        print_json([model.as_dict() for model in known])
        return
    if not known:
        click.echo("no installed backend needs weights; a plugin such as autovoice-demucs does")
        return
    table = Table("name", "size", "licence", "code licence", "here", "used by", box=None)
    for model in known:
        facts = model.as_dict()
        table.add_row(
            facts["name"],
            format_file_size(facts["bytes"]),
            facts["licence"],
            ", ".join(facts["code_licences"]),
            "yes" if facts["here"] else "no",
            ", ".join(facts["used_by"]),
        )
    print_table(table)
    for model in known:
        if model.weights.about:
            click.echo(f"{model.weights.name}: {model.weights.about}")


@command.command("get")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from",
    "source",
    type=PATH,
    metavar="PATH",
    help="Copy them from this file or folder instead of downloading.",
)
@click.option("--offline", is_flag=True, help="Never download, as with AUTOVOICE_OFFLINE=1.")
def get(names: tuple[str, ...], source: Path | None, offline: bool) -> None:
    """Download the weights NAME and check their hashes.

    An interrupted download resumes where it stopped.
    """
    for weights in [models.find(name).weights for name in names]:
        origin = source or urlsplit(weights.url).netloc
        click.echo(f"{weights} from {origin}", err=True)
        if weights.about:
            click.echo(weights.about, err=True)
        try:
            with progress_bar(weights.name) as progress:
                place = models.get(
                    weights, source=source, offline=offline or None, progress=progress
                )
        except KeyboardInterrupt:
            text = f"stopped; run `autovoice models get {weights.name}` again to resume"
            raise click.ClickException(text) from None
        click.echo(place)


@command.command("remove")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove(names: tuple[str, ...]) -> None:
    """Delete the weights NAME from this machine."""
    for weights in [models.find(name).weights for name in names]:
        if models.remove(weights):
            click.echo(f"removed {weights.name}, {format_file_size(weights.size)}")
        else:
            click.echo(f"{weights.name} is not on this machine")


@command.command("path")
@click.argument("name", required=False)
def path(name: str | None) -> None:
    """Print the path of the weights NAME, or of the folder of all weights."""
    click.echo(models.path(name) if name else models.models_folder())


@command.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--json", "as_json", is_flag=True, help="Print data for scripts.")
def verify(names: tuple[str, ...], as_json: bool) -> None:
    """Compare the weights NAME, or all on this machine, with their pinned hashes."""
    chosen = [models.find(name).weights for name in names] or [
        model.weights for model in models.known() if model.weights.place.exists()
    ]
    faults: dict[str, str] = {}
    for weights in chosen:
        try:
            with progress_bar(weights.name) as progress:
                models.verify(weights, progress=progress)
        except ModelError as error:
            faults[weights.name] = str(error)
        if not as_json and weights.name not in faults:
            click.echo(f"{weights.name} is intact")
    if as_json:
        print_json(
            [{"name": weights.name, "fault": faults.get(weights.name)} for weights in chosen]
        )
    elif not chosen:
        click.echo(f"no weights are in {models.models_folder()}")
    if faults:
        raise click.ClickException("; ".join(faults.values()))

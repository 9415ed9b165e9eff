"""``autovoice report``: how well a conversion turned out."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from autovoice_core.cli._shared import choosing, operation_options, print_json, stage_bar
from autovoice_core.cli._tables import print_table
from autovoice_core.report import Report, write_report
from autovoice_core.report.figures import LEFT_OUT, figures
from autovoice_core.voices.storage import VoiceProfileStorage


@click.command("report")
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("result", type=click.Path(path_type=Path))
@click.option("--voice", required=True, metavar="NAME", help="The voice RESULT should be in.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("report.html"),
    show_default=True,
    metavar="PAGE.html",
    help="The page to write.",
)
@click.option(
    "--songs", is_flag=True, help="SOURCE and RESULT are songs: take the voice out of both first."
)
@click.option("--db", type=click.Path(path_type=Path), help="Another file of voices.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@operation_options
def command(
    source: Path,
    result: Path,
    voice: str,
    out: Path,
    songs: bool,
    db: Path | None,
    as_json: bool,
    device: str,
    backends: dict[str, str],
) -> None:
    """Judge RESULT as SOURCE sung again by a voice: two files of a voice alone."""
    with VoiceProfileStorage(db) as voices:
        profile = voices.get(voice)
    with choosing(device, backends) as need, stage_bar(result.name) as progress:
        report = write_report(
            source, result, profile, out, songs=songs, need=need, progress=progress
        )
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report)


def _print(report: Report) -> None:
    table = Table("", "measured", box=None, pad_edge=False)
    table.add_column("result", justify="right")
    table.add_column("source", justify="right")
    table.add_column("what it says", style="dim")
    group = ""
    for row in figures(report.metrics):
        first, group = row.group if row.group != group else "", row.group
        if row.left_out:
            table.add_row(first, row.what, LEFT_OUT, "", row.left_out)
            continue
        own = "" if row.source is None else row.shown(row.source)
        table.add_row(first, row.what, row.shown(row.value), own, row.meaning)
    print_table(table)
    for made in report.made_by:
        click.echo(f"{made}")
    click.echo(f"wrote {report.path}")

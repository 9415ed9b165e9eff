"""``autovoice report``: a page that judges a conversion."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from autovoice_core.backends.offer import SONG_OPERATIONS
from autovoice_core.cli._completion import VOICE
from autovoice_core.cli._options import (
    PATH,
    SOUND,
    backend_options,
    db_option,
    no_clobber_option,
    requested_backends,
)
from autovoice_core.cli._output import print_json, print_table, print_written, stage_bar
from autovoice_core.report import Report, write_report
from autovoice_core.report.table import LEFT_OUT, table_rows
from autovoice_core.voices.storage import VoiceProfileStorage


@click.command("report")
@click.argument("source", type=SOUND)
@click.argument("result", type=SOUND)
@click.option("--voice", required=True, type=VOICE, help="The voice RESULT was converted to.")
@click.option(
    "--out",
    type=PATH,
    default=Path("report.html"),
    show_default=True,
    metavar="PAGE.html",
    help="The page to write.",
)
@click.option(
    "--songs", is_flag=True, help="SOURCE and RESULT are songs: separate the vocals of both first."
)
@no_clobber_option
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@backend_options
def command(
    source: Path,
    result: Path,
    voice: str,
    out: Path,
    songs: bool,
    overwrite: bool,
    db: Path | None,
    as_json: bool,
    device: str,
    backends: dict[str, str],
) -> None:
    """Judge RESULT as a conversion of SOURCE; both are files of a voice alone."""
    with VoiceProfileStorage(db) as voices:
        profile = voices.get(voice)
    used = SONG_OPERATIONS[:2] if songs else SONG_OPERATIONS[1:2]
    with requested_backends(device, backends, used) as need, stage_bar(result.name) as progress:
        report = write_report(
            source,
            result,
            profile,
            out,
            songs=songs,
            need=need,
            overwrite=overwrite,
            progress=progress,
        )
    if as_json:
        print_json(report.as_dict())
    else:
        _print(report)


def _print(report: Report) -> None:
    table = Table("", "figure", box=None, pad_edge=False)
    table.add_column("result", justify="right")
    table.add_column("source", justify="right")
    table.add_column("meaning", style="dim")
    group = ""
    for row in table_rows(report.metrics):
        first, group = row.group if row.group != group else "", row.group
        if row.left_out:
            table.add_row(first, row.label, LEFT_OUT, "", row.left_out)
            continue
        source = "" if row.source is None else row.format(row.source)
        table.add_row(first, row.label, row.format(row.value), source, row.meaning)
    print_table(table)
    for made in report.made_by:
        click.echo(f"{made}")
    print_written([report.path], report.replaced)

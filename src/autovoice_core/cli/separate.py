"""``autovoice separate``: a song separated into stems."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import get_args

import click
from attrs import asdict
from rich.table import Table

from autovoice_core.audio.writing import MIN_TOLD_GAIN_DB
from autovoice_core.backends.guards.residual import Residual
from autovoice_core.cli._options import (
    PATH,
    SOUND,
    backend_options,
    memory_option,
    no_clobber_option,
    requested_backends,
    threads_option,
)
from autovoice_core.cli._output import print_json, print_table, print_written, stage_bar
from autovoice_core.metrics.separation import SeparationMetrics
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs.separate import STEMS, SeparatedSong, separate_song


def _parse_stems(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    stems = tuple(dict.fromkeys(stem.strip() for stem in value.split(",")))
    for stem in stems:
        if stem not in STEMS:
            message = f"{stem!r} is not one of {', '.join(STEMS)}"
            raise click.BadParameter(message, context, parameter)
    return stems


@click.command("separate")
@click.argument("song", type=SOUND)
@click.option(
    "--out",
    required=True,
    type=PATH,
    metavar="DIR",
    help="The folder to write the stems to.",
)
@click.option(
    "--stems",
    default=",".join(STEMS),
    show_default=True,
    callback=_parse_stems,
    metavar="STEM[,STEM]",
    help="The stems to write.",
)
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["flac", "wav"]),
    default="flac",
    show_default=True,
    help="The format of the files.",
)
@click.option(
    "--reference",
    type=PATH,
    metavar="DIR",
    help="A folder with the true vocals and accompaniment: print SI-SDR, SDR, SIR and SAR.",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Windows of 60 s to separate at a time.",
)
@click.option(
    "--residual",
    type=click.Choice(get_args(Residual)),
    default="share",
    show_default=True,
    help="Where the residual of a network's stems goes: half to each, or all to the accompaniment.",
)
@no_clobber_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@memory_option
@threads_option
@backend_options
def command(
    song: Path,
    out: Path,
    stems: tuple[str, ...],
    suffix: str,
    reference: Path | None,
    batch: int,
    residual: Residual,
    overwrite: bool,
    as_json: bool,
    memory_limit: int | None,
    threads: int | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Separate SONG into vocals and accompaniment, which add up to it."""
    with (
        requested_backends(device, backends, ["separation"]) as need,
        stage_bar(song.name) as progress,
    ):
        result = separate_song(
            song,
            out,
            stems=stems,
            suffix=suffix,
            reference=reference,
            separator=VocalSeparator(
                need=need,
                batch=batch,
                residual=residual,
                memory_limit=memory_limit,
                threads=threads,
            ),
            overwrite=overwrite,
            progress=progress,
        )
    if as_json:
        print_json(_as_dict(result))
    else:
        _print(result)


def _as_dict(result: SeparatedSong) -> dict[str, object]:
    return {
        "stems": [str(path) for path in result.stems],
        "replaced": [str(path) for path in result.replaced],
        "gain_db": round(result.gain_db, 2),
        "seconds": {stage: round(value, 2) for stage, value in result.seconds.items()},
        "made_by": asdict(result.made_by),
        "figures": {stem: figures.as_dict() for stem, figures in result.figures.items()},
    }


def _print(result: SeparatedSong) -> None:
    click.echo(f"{result.made_by}")
    if result.gain_db <= -MIN_TOLD_GAIN_DB:
        click.echo(f"turned down by {-result.gain_db:.1f} dB to keep the peak under full scale")
    click.echo(f"separated in {result.seconds['separation']:.1f} s")
    if result.figures:
        print_table(_table(result.figures))
    print_written(result.stems, result.replaced)


def _table(figures: Mapping[str, SeparationMetrics]) -> Table:
    table = Table("stem")
    for name in ("SDR", "SI-SDR", "SIR", "SAR"):
        table.add_column(f"{name} dB", justify="right")
    for stem, found in figures.items():
        values = (found.sdr, found.si_sdr, found.sir, found.sar)
        table.add_row(stem, *("-" if value is None else f"{value:.1f}" for value in values))
    return table

"""``autovoice remix``: the stems of a conversion, mixed again at other volumes."""

from __future__ import annotations

from pathlib import Path

import click
from attrs import asdict

from autovoice_core._style import MAX_KEY
from autovoice_core.cli._options import OUTPUT, PATH, no_clobber_option
from autovoice_core.cli._output import print_json, print_written, progress_bar
from autovoice_core.songs.stems import MAX_GAIN_DB, MIN_GAIN_DB, mix_stems

_DECIBELS = click.FloatRange(MIN_GAIN_DB, MAX_GAIN_DB)


@click.command("remix")
@click.argument("stems", type=PATH)
@click.option("--out", required=True, type=OUTPUT, help="The file to write.")
@click.option(
    "--vocals",
    "vocals_db",
    type=_DECIBELS,
    default=0.0,
    show_default=True,
    metavar="DB",
    help="Gain of the new vocals.",
)
@click.option(
    "--accompaniment",
    "accompaniment_db",
    type=_DECIBELS,
    default=0.0,
    show_default=True,
    metavar="DB",
    help="Gain of the accompaniment.",
)
@click.option(
    "--original",
    "original_db",
    type=_DECIBELS,
    metavar="DB",
    help="Gain of the old vocals. [default: they are left out]",
)
@click.option(
    "--key",
    type=click.FloatRange(-MAX_KEY, MAX_KEY),
    default=0.0,
    show_default=True,
    metavar="SEMITONES",
    help="Shift the accompaniment: the key of the conversion, unless it was by octaves.",
)
@no_clobber_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(
    stems: Path,
    out: Path,
    vocals_db: float,
    accompaniment_db: float,
    original_db: float | None,
    key: float,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Mix the stems in the folder STEMS, which `autovoice convert --stems` wrote, again."""
    with progress_bar(stems.name) as progress:
        result = mix_stems(
            stems,
            out,
            vocals_db=vocals_db,
            accompaniment_db=accompaniment_db,
            original_db=original_db,
            key=key,
            overwrite=overwrite,
            progress=progress,
        )
    if as_json:
        print_json(asdict(result, value_serializer=lambda *value: _plain(value[-1])))
        return
    if result.mix_gain_db < 0:
        click.echo(f"turned down by {-result.mix_gain_db:.1f} dB to keep its true peak at -1 dBTP")
    print_written([result.path], result.replaced)


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value

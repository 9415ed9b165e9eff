"""``autovoice demo``: a synthesised song, or a sung line, converted and measured."""

from __future__ import annotations

from pathlib import Path

import click
from rich.table import Table

from autovoice_core.backends.offer import SONG_OPERATIONS, SUNG_OPERATIONS
from autovoice_core.cli._console import SafeConsole
from autovoice_core.cli._options import (
    PATH,
    backend_options,
    no_clobber_option,
    requested_backends,
)
from autovoice_core.cli._output import print_json, print_table, stage_bar
from autovoice_core.demo.result import Demo
from autovoice_core.demo.run import DEFAULT_SECONDS, MAX_SECONDS, MIN_SECONDS, run_demo
from autovoice_core.demo.sing import run_sung_demo
from autovoice_core.demo.summary import as_dict, format_baseline, format_value


@click.command("demo")
@click.option(
    "--out",
    type=PATH,
    default=Path("autovoice-demo"),
    show_default=True,
    metavar="DIR",
    help="The folder to write everything to.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(MIN_SECONDS, MAX_SECONDS),
    metavar="SECONDS",
    help="Length of the song.  [default: 20.0]",
)
@click.option("--sing", is_flag=True, help="Sing a line with words instead, from text and notes.")
@no_clobber_option
@click.option("--json", "as_json", is_flag=True, help="Print what was measured as JSON.")
@backend_options
def command(
    out: Path,
    seconds: float | None,
    sing: bool,
    overwrite: bool,
    as_json: bool,
    device: str,
    backends: dict[str, str],
) -> None:
    """Synthesise a song and a second voice, convert the song to it, and measure the result.

    With --sing the song is a line with words, sung by a speech engine.
    """
    if sing and seconds is not None:
        raise click.UsageError("--seconds: a sung line has a length of its own; omit it or --sing")
    used = SUNG_OPERATIONS if sing else SONG_OPERATIONS
    with requested_backends(device, backends, used) as need, stage_bar("demo") as progress:
        if sing:
            demo = run_sung_demo(out, need=need, overwrite=overwrite, progress=progress)
        else:
            length = DEFAULT_SECONDS if seconds is None else seconds
            demo = run_demo(out, seconds=length, need=need, overwrite=overwrite, progress=progress)
    if as_json:
        print_json(as_dict(demo))
    else:
        _print(demo)


def _print(demo: Demo) -> None:
    console = SafeConsole(highlight=False)
    table = Table("", "measured", box=None, pad_edge=False, header_style="bold")
    table.add_column("result", justify="right")
    table.add_column("before", justify="right", style="dim")
    table.add_column("seconds", justify="right", style="dim")
    stage = ""
    for figure in demo.measured:
        first = figure.stage != stage
        stage = figure.stage
        table.add_row(
            stage if first else "",
            figure.what,
            format_value(figure.value, figure.unit),
            format_baseline(figure),
            f"{demo.seconds[stage]:.1f}" if first and stage in demo.seconds else "",
        )
    print_table(table)
    console.print()
    for made in demo.made_by:
        console.print(f"{made}", markup=False, soft_wrap=True)
    stages = ", ".join(f"{stage} {value:.1f}" for stage, value in demo.seconds.items())
    total = sum(demo.seconds.values())
    console.print(f"{total:.0f} s for {demo.song_seconds:g} s of song: {stages}", soft_wrap=True)
    console.print()
    console.print(
        f"listen to {demo.folder / 'before.wav'} and {demo.folder / 'after.wav'}; "
        f"everything is in {demo.folder}:",
        markup=False,
        soft_wrap=True,
    )
    for path in demo.files:
        console.print(f"  {path.relative_to(demo.folder)}", markup=False)

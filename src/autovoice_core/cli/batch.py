"""``autovoice batch``: many songs converted, separated or tracked, and resumed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from autovoice_core.backends.offer import SONG_OPERATIONS, Operation
from autovoice_core.batch.engines import BatchEngine
from autovoice_core.batch.operations import convert_songs, separate_songs, track_songs
from autovoice_core.batch.work import TASKS, Task
from autovoice_core.cli._batch_output import as_dict, print_result
from autovoice_core.cli._batch_progress import batch_progress
from autovoice_core.cli._completion import FORMAT, VOICE
from autovoice_core.cli._options import (
    PATH,
    backend_options,
    db_option,
    memory_option,
    no_clobber_option,
    requested_backends,
    threads_option,
)
from autovoice_core.cli._output import print_json
from autovoice_core.cli._style_options import given_style, style_options
from autovoice_core.voices.storage import VoiceProfileStorage

_USED: dict[Task, tuple[Operation, ...]] = {"separate": ("separation",), "pitch": ("pitch",)}


@click.command("batch")
@click.argument("songs", nargs=-1, required=True, type=PATH, metavar="SONGS...")
@click.option("--out", required=True, type=PATH, metavar="DIR", help="The folder of results.")
@click.option("--voice", type=VOICE, help="The voice to convert to.")
@click.option(
    "--task",
    type=click.Choice(TASKS),
    default="convert",
    show_default=True,
    help="The operation on each song.",
)
@click.option(
    "--format",
    "suffix",
    type=FORMAT,
    help="Format of the results. [default: that of each song; of stems flac, of tracks csv]",
)
@style_options
@click.option("--stems", is_flag=True, help="Also write the stems, to a folder SONG.stems each.")
@click.option("--vocals-only", is_flag=True, help="The files are vocals alone.")
@click.option("--report", is_flag=True, help="Also write a page that judges each conversion.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    metavar="N",
    help="Songs to do at a time. [default: one per core; one on a GPU; all there is room for on a "
    "cluster]",
)
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    show_default=True,
    help="Where the workers are: processes of this machine, or a Ray cluster.",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Address of the Ray cluster, HOST:PORT or auto. [default: one of this machine alone]",
)
@click.option(
    "--ship",
    is_flag=True,
    help="Send songs and results over the network, where workers share no storage.",
)
@click.option("--retry", is_flag=True, help="Try songs that failed before again.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@no_clobber_option
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@memory_option
@threads_option
@backend_options
def command(
    songs: tuple[Path, ...],
    out: Path,
    voice: str | None,
    task: Task,
    suffix: str | None,
    stems: bool,
    vocals_only: bool,
    report: bool,
    workers: int | None,
    engine: str,
    cluster: str | None,
    ship: bool,
    retry: bool,
    dry_run: bool,
    overwrite: bool,
    db: Path | None,
    as_json: bool,
    memory_limit: int | None,
    threads: int | None,
    device: str,
    backends: dict[str, str],
    **style: Any,
) -> int:
    """Convert many songs to another voice; what is done already is not done again.

    SONGS is a folder with folders in it, a pattern in quotes, a list (.txt, .m3u, .jsonl), or
    files. A song keeps its place below --out, where autovoice-batch.jsonl tells what is done: the
    same command goes on where it was stopped. Songs that fail are told at the end.
    """
    options: dict[str, Any] = {
        "workers": workers,
        "engine": _engine(engine, cluster, ship=ship),
        "retry": retry,
        "dry_run": dry_run,
        "memory_limit": memory_limit,
        "threads": threads,
        "overwrite": overwrite,
    }
    conversion: dict[str, Any] = {"stems": stems, "vocals_only": vocals_only, "report": report}
    if task != "convert":
        _refuse_with_task(task, {"voice": voice, **conversion, **given_style(style)})
    elif voice is None and not any(path.suffix.lower() == ".jsonl" for path in songs):
        raise click.UsageError("Missing option '--voice', or a list that names voices.")
    with (
        requested_backends(device, backends, _USED.get(task, SONG_OPERATIONS)) as need,
        batch_progress() as shown,
    ):
        options |= {"need": need, "progress": shown.progress, "ended": shown.ended}
        if task == "convert":
            with VoiceProfileStorage(db) as voices:
                result = convert_songs(
                    songs,
                    None if voice is None else voices.get(voice),
                    out,
                    suffix=suffix,
                    voices=voices,
                    **conversion,
                    **given_style(style),
                    **options,
                )
        elif task == "separate":
            result = separate_songs(songs, out, suffix=suffix or "flac", **options)
        else:
            result = track_songs(songs, out, suffix=suffix or "csv", **options)
    if as_json:
        print_json(as_dict(result, dry_run=dry_run))
    else:
        print_result(result, out, dry_run=dry_run)
    return 1 if result.failed else 0


def _engine(name: str, cluster: str | None, *, ship: bool) -> BatchEngine | None:
    """Return the engine; None for the processes of this machine."""
    if name == "local":
        if cluster is not None or ship:
            raise click.UsageError("--cluster and --ship are for --engine ray; omit them")
        return None
    from autovoice_core.batch.engines.ray import RayEngine  # only where it is asked for

    return RayEngine(cluster, ship=ship)


def _refuse_with_task(task: Task, options: dict[str, Any]) -> None:
    given = [name for name, value in options.items() if value is not None and value is not False]
    if given:
        option = f"--{given[0].replace('_', '-')}"
        raise click.UsageError(f"{option} is for --task convert; omit it with --task {task}")

"""``autovoice convert``: a song converted to another voice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import click

from autovoice_core.audio.output_stream import is_standard_output
from autovoice_core.backends.offer import SONG_OPERATIONS
from autovoice_core.cli._completion import VOICE
from autovoice_core.cli._console import SafeConsole
from autovoice_core.cli._options import (
    OUTPUT,
    PATH,
    SOUND,
    backend_options,
    db_option,
    memory_option,
    no_clobber_option,
    requested_backends,
    threads_option,
)
from autovoice_core.cli._output import print_json, print_written, stage_bar
from autovoice_core.cli._style_options import given_style, style_options
from autovoice_core.metrics.sung_share import SungShare
from autovoice_core.songs.convert import convert_song
from autovoice_core.songs.converted_song import ConvertedSong
from autovoice_core.voices.storage import VoiceProfileStorage


@click.command("convert")
@click.argument("song", type=SOUND)
@click.option("--voice", required=True, type=VOICE, help="The voice to convert to.")
@click.option(
    "--out",
    type=OUTPUT,
    help="The file to write; its suffix names the format. [default: SONG.VOICE.suffix]",
)
@style_options
@click.option("--stems", type=PATH, metavar="DIR", help="Also write the stems to this folder.")
@click.option("--vocals-only", is_flag=True, help="SONG is vocals alone: don't separate or remix.")
@click.option(
    "--separated",
    type=PATH,
    metavar="DIR",
    help="Take the vocals from this folder of stems, from an earlier run or from another program.",
)
@click.option(
    "--report",
    type=PATH,
    metavar="PAGE.html",
    help="Also write a page that judges the conversion; see `autovoice report`.",
)
@no_clobber_option
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@memory_option
@threads_option
@backend_options
def command(
    song: Path,
    voice: str,
    out: Path | None,
    stems: Path | None,
    vocals_only: bool,
    separated: Path | None,
    report: Path | None,
    overwrite: bool,
    db: Path | None,
    as_json: bool,
    memory_limit: int | None,
    threads: int | None,
    device: str,
    backends: dict[str, str],
    **style: Any,
) -> None:
    """Convert the vocals of SONG to another voice and remix the song.

    SONG and --out may be - for standard input and output, which get WAV. Style options default
    to those of the voice: see `autovoice voices set`.
    """
    with VoiceProfileStorage(db) as voices:
        profile = voices.get(voice)
    used = SONG_OPERATIONS[1:] if vocals_only or separated else SONG_OPERATIONS
    with requested_backends(device, backends, used) as need, stage_bar(song.name) as progress:
        result = convert_song(
            song,
            profile,
            out,
            stems=stems,
            vocals_only=vocals_only,
            separated=separated,
            report=report,
            need=need,
            memory_limit=memory_limit,
            threads=threads,
            overwrite=overwrite,
            progress=progress,
            **given_style(style),
        )
    # A sound on standard output is not to be mixed with words about it.
    err = result.path is not None and is_standard_output(result.path)
    if as_json:
        print_json(_as_dict(result), err=err)
    else:
        _print(result, err=err)


def _as_dict(result: ConvertedSong) -> dict[str, object]:
    return {
        "path": str(result.path),
        "voice": result.voice,
        "key_semitones": result.key,
        "key_reason": result.key_reason,
        "sung": result.sung.as_dict(),
        "style": attrs.asdict(result.style),
        "vocals_gain_db": round(result.vocals_gain_db, 2),
        "mix_gain_db": round(result.mix_gain_db, 2),
        "stems": [str(path) for path in result.stems],
        "replaced": [str(path) for path in result.replaced],
        "seconds": {stage: round(value, 2) for stage, value in result.seconds.items()},
        "made_by": [attrs.asdict(made) for made in result.made_by],
        "report": None if result.report is None else result.report.as_dict(),
    }


def _print(result: ConvertedSong, *, err: bool) -> None:
    console = SafeConsole(stderr=err, highlight=False, soft_wrap=True)
    for made in result.made_by:
        console.print(f"{made}", markup=False)
    seconds = sum(result.seconds.values())
    console.print(f"converted to the voice of {result.voice} in {seconds:.1f} s", markup=False)
    console.print(f"key: {result.key_reason}", markup=False)
    style = str(attrs.evolve(result.style, key="auto"))
    if style:
        console.print(f"style: {style}", markup=False)
    for line in _sung_lines(result.sung):
        console.print(line)
    print_written(result.files, result.replaced, err=err)


def _sung_lines(sung: SungShare) -> Iterator[str]:
    """Yield how much of the singing was converted, and how loud it and the rest are."""
    shifted = f", {sung.shifted:.0%} shifted as sound" if sung.shifted >= 0.005 else ""
    yield f"singing: {sung.converted:.0%} of {sung.seconds:.1f} s converted{shifted}"
    if sung.residue_lu is not None:
        yield f"unconverted rest: {_compared(sung.residue_lu)} than the vocals"
    if sung.vocals_lu is not None:
        yield f"vocals: {_compared(sung.vocals_lu)} than the song"


def _compared(difference: float) -> str:
    """Return a difference of loudness in words, e.g. ``"3.2 LU quieter"``."""
    return f"{abs(difference):.1f} LU {'quieter' if difference <= 0 else 'louder'}"

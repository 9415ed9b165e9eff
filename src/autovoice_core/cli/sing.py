"""``autovoice sing``: lyrics sung on notes in a voice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from autovoice_core.audio.atomic import check_output, existing_files
from autovoice_core.audio.output_format import format_for
from autovoice_core.audio.output_stream import is_standard_output
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
from autovoice_core.cli._output import print_json, print_written, progress_bar
from autovoice_core.cli._style_options import given_style, style_options
from autovoice_core.cli._texts import read_text
from autovoice_core.speech.melody import Expression
from autovoice_core.speech.pipeline import TTSPipeline
from autovoice_core.voices.storage import VoiceProfileStorage


@click.command("sing")
@click.argument("lyrics")
@click.argument("notes", type=PATH)
@click.option("--voice", metavar="NAME", help="The voice to sing in. [default: the engine's]")
@click.option(
    "--out",
    required=True,
    type=OUTPUT,
    help="The file to write; its suffix names the format.",
)
@click.option(
    "--language", default="en", show_default=True, metavar="TAG", help="Language of the lyrics."
)
@click.option("--accompaniment", type=SOUND, help="A sound file to mix the voice with.")
@click.option(
    "--portamento", type=float, metavar="SECONDS", help="Length of the glide between notes."
)
@click.option("--overshoot", type=float, metavar="CENTS", help="How far a glide passes its note.")
@click.option("--vibrato-extent", type=float, metavar="CENTS", help="Vibrato of long notes.")
@click.option("--vibrato-rate", type=float, metavar="HZ", help="Speed of the vibrato.")
@style_options
@no_clobber_option
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@memory_option
@threads_option
@backend_options
def command(
    lyrics: str,
    notes: Path,
    voice: str | None,
    out: Path,
    language: str,
    accompaniment: Path | None,
    portamento: float | None,
    overshoot: float | None,
    vibrato_extent: float | None,
    vibrato_rate: float | None,
    overwrite: bool,
    db: Path | None,
    as_json: bool,
    memory_limit: int | None,
    threads: int | None,
    device: str,
    backends: dict[str, str],
    **style: Any,
) -> None:
    """Sing LYRICS, or those in a file of that name, on NOTES.

    NOTES is a MIDI file, MusicXML, or a CSV table with the columns start, end (seconds) and note.
    Each syllable is sung on a note; twin-kle divides a word, and each _, or - that stands alone,
    holds a syllable over one more note.
    """
    words, profile = read_text(lyrics), None
    if voice is not None:
        with VoiceProfileStorage(db) as voices:
            profile = voices.get(voice)
    given = {
        "portamento": portamento,
        "overshoot": overshoot,
        "vibrato_extent": vibrato_extent,
        "vibrato_rate": vibrato_rate,
    }
    expression = Expression(**{name: v for name, v in given.items() if v is not None})
    check_output(out, overwrite=overwrite)
    format_for(out, None)
    replaced = existing_files(out)
    begun = time.perf_counter()
    with requested_backends(device, backends) as need, progress_bar("sing") as progress:
        pipeline = TTSPipeline(profile, need=need, memory_limit=memory_limit, threads=threads)
        song = pipeline.sing(
            words,
            notes,
            language=language,
            expression=expression,
            accompaniment=accompaniment,
            progress=progress,
            **given_style(style),
        )
    song.save(out, overwrite=overwrite)
    seconds = time.perf_counter() - begun
    err = is_standard_output(out)
    if as_json:
        print_json(
            {
                "path": str(out),
                "voice": voice,
                "language": language,
                "audio_s": round(song.duration, 3),
                "seconds": round(seconds, 3),
                "made_by": [str(made) for made in song.made_by],
                "replaced": [str(path) for path in replaced],
            },
            err=err,
        )
        return
    for made in song.made_by:
        click.echo(str(made), err=err)
    who = f"in the voice of {voice}" if voice else "in the engine's own voice"
    click.echo(f"sang {song.duration:.1f} s {who} in {seconds:.1f} s", err=err)
    print_written([out], replaced, err=err)

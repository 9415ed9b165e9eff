"""``autovoice sing``: lyrics sung on notes in a voice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from autovoice_core.backends.offer import SUNG_OPERATIONS
from autovoice_core.cli._completion import VOICE
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
from autovoice_core.cli._output import progress_bar
from autovoice_core.cli._speech_output import (
    SPEECH_FILE_HELP,
    SpeechOutput,
    check_place,
    stored_voice,
)
from autovoice_core.cli._style_options import given_style, sung_style_options
from autovoice_core.cli._texts import read_lyrics
from autovoice_core.speech.melody import Expression
from autovoice_core.speech.pipeline import TTSPipeline
from autovoice_core.speech.writing import write_song


@click.command("sing")
@click.argument("lyrics")
@click.argument("notes", type=PATH)
@click.option("--voice", type=VOICE, help="The voice to sing in. [default: the engine's]")
@click.option(
    "--out",
    required=True,
    type=OUTPUT,
    help=SPEECH_FILE_HELP,
)
@click.option(
    "--language", default="en", show_default=True, metavar="TAG", help="Language of the lyrics."
)
@click.option("--accompaniment", type=SOUND, help="A sound file to mix the voice with.")
@click.option(
    "--portamento",
    type=float,
    metavar="SECONDS",
    help="Length of the glide between notes, 0 to 0.5. [default: 0.05]",
)
@click.option(
    "--overshoot",
    type=float,
    metavar="CENTS",
    help="How far a glide passes its note, 0 to 100. [default: 15]",
)
@click.option(
    "--vibrato-extent",
    type=float,
    metavar="CENTS",
    help="Vibrato of long notes, 0 to 200. [default: 12]",
)
@click.option(
    "--vibrato-rate",
    type=float,
    metavar="HZ",
    help="Speed of the vibrato, 3 to 9. [default: 5.5]",
)
@sung_style_options
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
    LYRICS may be such a file too, the same one for instance, if it has words.
    Each syllable is sung on a note; twin-kle divides a word, and each _, or - that stands alone,
    holds a syllable over one more note.
    """
    words, profile = read_lyrics(lyrics), stored_voice(voice, db)
    given = {
        "portamento": portamento,
        "overshoot": overshoot,
        "vibrato_extent": vibrato_extent,
        "vibrato_rate": vibrato_rate,
    }
    expression = Expression(**{name: v for name, v in given.items() if v is not None})
    replaced = check_place(out, overwrite=overwrite, reads=(notes, words, accompaniment))
    begun = time.perf_counter()
    with (
        requested_backends(device, backends, SUNG_OPERATIONS) as need,
        progress_bar("sing") as progress,
    ):
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
    write_song(song, out, overwrite=overwrite)
    output = SpeechOutput(
        out,
        replaced,
        voice,
        language,
        song.duration,
        time.perf_counter() - begun,
        song.made_by,
    )
    output.print("sang", as_json=as_json)

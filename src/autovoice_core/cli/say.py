"""``autovoice say``: text said in a voice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from autovoice_core.audio.output_stream import is_output_stream
from autovoice_core.backends.offer import SUNG_OPERATIONS
from autovoice_core.cli._completion import VOICE
from autovoice_core.cli._options import (
    OUTPUT,
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
from autovoice_core.cli._style_options import given_style, speech_style_options
from autovoice_core.cli._texts import read_text
from autovoice_core.speech.pipeline import TTSPipeline
from autovoice_core.speech.writing import write_sentences


@click.command("say")
@click.argument("text")
@click.option("--voice", type=VOICE, help="The voice to say it in. [default: the engine's]")
@click.option(
    "--out",
    required=True,
    type=OUTPUT,
    help=SPEECH_FILE_HELP,
)
@click.option(
    "--language", default="en", show_default=True, metavar="TAG", help="Language of the text."
)
@click.option(
    "--play-order",
    type=click.Choice(["whole", "stream"]),
    default="whole",
    show_default=True,
    help="stream writes each sentence to standard output or a FIFO as soon as it is said.",
)
@speech_style_options
@no_clobber_option
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@memory_option
@threads_option
@backend_options
def command(
    text: str,
    voice: str | None,
    out: Path,
    language: str,
    play_order: str,
    overwrite: bool,
    db: Path | None,
    as_json: bool,
    memory_limit: int | None,
    threads: int | None,
    device: str,
    backends: dict[str, str],
    **style: Any,
) -> None:
    """Say TEXT, or the text in a file of that name, in a voice.

    TEXT and --out may be - for standard input and output; the output gets WAV.
    """
    check_place(out, overwrite=overwrite)
    words, profile = read_text(text), stored_voice(voice, db)
    at_once = play_order == "stream" and is_output_stream(out)
    begun = time.perf_counter()
    with (
        requested_backends(device, backends, SUNG_OPERATIONS) as need,
        progress_bar("say") as progress,
    ):
        pipeline = TTSPipeline(profile, need=need, memory_limit=memory_limit, threads=threads)
        sentences = pipeline.say_sentences(
            words, language=language, prompt=at_once, progress=progress, **given_style(style)
        )
        written = write_sentences(sentences, out, overwrite=overwrite, at_once=at_once)
    output = SpeechOutput(
        out,
        written.replaced,
        voice,
        language,
        written.seconds,
        time.perf_counter() - begun,
        written.made_by,
    )
    output.print("said", as_json=as_json, sentences=written.sentences)

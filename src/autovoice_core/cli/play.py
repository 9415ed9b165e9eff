"""``autovoice play``: a sound file, played."""

from __future__ import annotations

from pathlib import Path

import click

from autovoice_core.audio.reading import AudioFile
from autovoice_core.cli._options import SOUND, SOUND_DEVICE
from autovoice_core.cli._output import progress_bar
from autovoice_core.live.sound_card import play


@click.command("play")
@click.argument("file", type=SOUND)
@click.option("--output", "headphones", type=SOUND_DEVICE, help="The device: number or name.")
def command(file: Path, headphones: int | str | None) -> None:
    """Play FILE; Ctrl-C stops."""
    source = AudioFile(file)
    with progress_bar(file.name) as progress:
        play(source, headphones, progress)

"""``autovoice live``: singing from the microphone to the headphones, in another voice."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import attrs
import click
from rich.table import Table

from autovoice_core._style import StyleOptions
from autovoice_core.audio.atomic import existing_files
from autovoice_core.audio.writing import AudioWriter
from autovoice_core.cli._completion import VOICE
from autovoice_core.cli._options import (
    PATH,
    SOUND_DEVICE,
    backend_options,
    db_option,
    no_clobber_option,
    requested_backends,
)
from autovoice_core.cli._output import print_json, print_table, print_written
from autovoice_core.cli._style_options import given_style, live_style_options
from autovoice_core.conversion.converter import SingingVoiceConverter
from autovoice_core.conversion.stream import warm_up
from autovoice_core.live.session import LiveFigures, LiveSession
from autovoice_core.live.sound_card import NO_DEVICE, open_sound_card, sound_devices
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage


@click.command("live")
@click.option("--voice", type=VOICE, help="The voice to sing in.")
@click.option("--singer", metavar="NAME", help="A voice made of your own recordings.")
@live_style_options
@click.option("--list", "as_list", is_flag=True, help="List the sound devices.")
@click.option("--input", "microphone", type=SOUND_DEVICE, help="The microphone: number or name.")
@click.option("--output", "headphones", type=SOUND_DEVICE, help="The headphones: number or name.")
@click.option(
    "--rate", type=click.IntRange(8000, 192_000), metavar="HZ", help="The sample rate to run at."
)
@click.option(
    "--buffer",
    type=click.FloatRange(1, 1000),
    metavar="MS",
    help="Buffer of the sound card; a longer one adds delay, but survives a busy machine.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop after this time.",
)
@click.option("--record", type=PATH, metavar="FILE", help="Also write what is played to a file.")
@no_clobber_option
@db_option
@click.option("--json", "as_json", is_flag=True, help="Print the devices or the figures as JSON.")
@backend_options
def command(
    voice: str | None,
    singer: str | None,
    as_list: bool,
    microphone: int | str | None,
    headphones: int | str | None,
    rate: int | None,
    buffer: float | None,
    seconds: float | None,
    record: Path | None,
    overwrite: bool,
    db: Path | None,
    as_json: bool,
    device: str,
    backends: dict[str, str],
    **style: Any,
) -> None:
    """Sing into the microphone and hear yourself in another voice.

    Wear headphones: loudspeakers would feed back. Enter switches between the new voice and
    yours, Ctrl-C stops.
    """
    if as_list:
        _list_devices(as_json)
        return
    if voice is None:
        raise click.UsageError("give --voice NAME, or --list to see the sound devices")
    with VoiceProfileStorage(db) as voices:
        profile = voices.get(voice)
        me = None if singer is None else voices.get(singer)
    with ExitStack() as stack:
        need = stack.enter_context(requested_backends(device, backends, ["conversion"]))
        card = stack.enter_context(
            open_sound_card(microphone, headphones, rate, buffer and buffer / 1000)
        )
        converter = SingingVoiceConverter(need=need)
        options = _stream_style(profile, me, given_style(style))
        warm_up(converter, profile, card.sample_rate, singer=me, **options)
        stream = converter.stream(profile, card.sample_rate, singer=me, **options)
        session = LiveSession(card, stream)
        played = None
        replaced = existing_files(record)
        if record is not None:
            recording = AudioWriter(record, card.sample_rate, 1, overwrite=overwrite)
            played = stack.enter_context(recording).write
        click.echo(
            f"singing as {voice} at {card.sample_rate} Hz, {1000 * session.latency:.0f} ms from "
            "microphone to headphones; Ctrl-C stops",
            err=True,
        )
        with _enter_switches(session):
            try:
                session.run(seconds, played)
            except KeyboardInterrupt:
                with suppress(OSError):  # the terminal may be closed
                    click.echo(err=True)
    if as_json:
        print_json({"latency_s": round(session.latency, 4), **attrs.asdict(session.figures)})
    else:
        _print(session.figures)
        print_written([] if record is None else [record], replaced)


def _list_devices(as_json: bool) -> None:
    devices = sound_devices()
    if as_json:
        print_json([attrs.asdict(each) for each in devices])
        return
    if not devices:
        click.echo(NO_DEVICE)
        return
    table = Table("number", "name", "inputs", "outputs", "rate")
    for each in devices:
        row = (each.index, each.name, each.inputs, each.outputs, f"{each.sample_rate} Hz")
        table.add_row(*map(str, row))
    print_table(table)


def _stream_style(
    voice: VoiceProfile, singer: VoiceProfile | None, given: StyleOptions
) -> StyleOptions:
    """Return the style of a stream, which can change neither breaths nor vibrato."""
    key = given.get("key", voice.style.key)
    if isinstance(key, str) and singer is None:
        raise click.UsageError(
            f"the key can't be chosen without your range: give --key SEMITONES (0 where you and "
            f"{voice.name} sing in the same range, 12 from a low voice to a high one), "
            "or --singer NAME, a voice made of your own recordings"
        )
    return {**given, "breath": "keep", "vibrato": 1.0}


@contextmanager
def _enter_switches(session: LiveSession) -> Iterator[None]:
    """Let Enter, pressed on a terminal, switch between the new voice and the singer's own."""
    if sys.stdin is None or not sys.stdin.isatty():
        yield
        return

    def listen() -> None:
        for _ in sys.stdin:
            session.converting = not session.converting
            click.echo("new voice" if session.converting else "your own voice", err=True)

    Thread(target=listen, daemon=True).start()
    yield


def _print(figures: LiveFigures) -> None:
    busy = figures.busy_seconds / max(figures.seconds, 1e-9)
    click.echo(f"sang for {figures.seconds:.1f} s; the conversion took {busy:.0%} of the time")
    if figures.dropouts:
        click.echo(f"{figures.dropouts} dropouts: close other programs, or give a longer --buffer")
    if figures.input_peak == 0:
        click.echo("the microphone was silent: check that it is on, or choose another --input")

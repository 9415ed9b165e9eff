"""``autovoice voices add`` and ``learn``: voices made of recordings and of trained files."""

from __future__ import annotations

from pathlib import Path

import click

from autovoice_core._arguments import is_number, plain_number
from autovoice_core._printable import printable, shortened
from autovoice_core.backends.offer import SONG_OPERATIONS
from autovoice_core.cli._completion import VOICE
from autovoice_core.cli._options import (
    PATH,
    SOUND,
    backend_options,
    db_option,
    requested_backends,
)
from autovoice_core.cli._output import progress_bar
from autovoice_core.cli._voice_output import note_range
from autovoice_core.cli._voice_usage import check_usage, warn_of_unused_index
from autovoice_core.pitch.notes import hertz_of
from autovoice_core.speech.table import note_number
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.profile_values import fault_of_notes
from autovoice_core.voices.storage import VoiceProfileStorage

replace_option = click.option("--replace", is_flag=True, help="Replace a voice of that name.")
"""Adds ``--replace`` to a command."""

_LONGEST_ABOUT = 300
"""Most characters that are printed of what the files of a voice say."""

_keep_option = click.option(
    "--keep",
    type=float,
    metavar="SECONDS",
    help="Most voiced sound to keep, 8 to 600. [default: the converter's choice, usually 300]",
)


def _parse_range(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[float, float] | None:
    """Return two frequencies in Hz, from notes as ``A2:E4`` or from Hz as ``110:330``."""
    if value is None:
        return None
    try:
        low, high = map(_hertz, value.split(":"))
    except (ValueError, OverflowError) as error:  # InputError is a ValueError
        message = f"{value!r} is not two notes; write for example A2:E4, or 110:330 in Hz"
        raise click.BadParameter(message, context, parameter) from error
    if fault := fault_of_notes(low, high):
        raise click.BadParameter(f"{value!r} {fault}", context, parameter)
    return low, high


def _hertz(text: str) -> float:
    """Return the frequency of a note, which a plain number gives itself."""
    number = plain_number(text)
    return float(number) if is_number(number) else hertz_of(note_number(text, "note"))


@click.command("add")
@click.argument("name")
@click.argument("files", nargs=-1, type=SOUND, metavar="[FILE]...")
@click.option(
    "--rvc",
    "model",
    type=PATH,
    metavar="MODEL",
    help="Take the voice from RVC's .pth file, or the folder or zip it is shared in; needs the "
    "plugin autovoice-rvc. FILE then only tells its range.",
)
@click.option("--index", type=PATH, help="The .index file that belongs to --rvc.")
@click.option(
    "--range",
    "f0_range",
    metavar="LOW:HIGH",
    callback=_parse_range,
    help="Lowest and highest usual note of a voice of --rvc without FILE: A2:E4, or 110:330 in Hz.",
)
@replace_option
@click.option("--consent", default="", metavar="TEXT", help="Who agreed to what.")
@click.option("--provenance", default="", metavar="TEXT", help="Where the recordings come from.")
@_keep_option
@click.option(
    "--keep-audio",
    is_flag=True,
    help="Keep the recordings too, so that `autovoice voices learn` needs them no more.",
)
@db_option
@backend_options
def add(
    name: str,
    files: tuple[Path, ...],
    model: Path | None,
    index: Path | None,
    f0_range: tuple[float, float] | None,
    replace: bool,
    consent: str,
    provenance: str,
    keep: float | None,
    keep_audio: bool,
    db: Path | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Make the voice NAME from recordings of it alone, spoken or sung, at least 8 s voiced.

    With --rvc, NAME is a voice that RVC trained.
    """
    check_usage(files, model, index, f0_range, keep, keep_audio, backends)
    voices = VoiceProfileStorage(db)
    voices.require_free(name, replace=replace)
    with (
        requested_backends(device, backends, SONG_OPERATIONS[1:]) as need,
        progress_bar(name) as progress,
    ):
        if model is None:
            profile = VoiceProfile.from_recordings(
                files,
                name=name,
                consent=consent,
                provenance=provenance,
                need=need,
                progress=progress,
                keep=keep,
            )
        else:
            profile = VoiceProfile.from_rvc(
                model,
                index=index,
                name=name,
                recordings=files or None,
                f0_range=f0_range,
                consent=consent,
                provenance=provenance,
                need=need,
                progress=progress,
            )
    voices.add(profile, replace=replace, keep_audio=files if keep_audio else None)
    for made_by in profile.made_by:
        click.echo(f"{made_by}")
    click.echo(f"added {profile.name}: {_heard_text(profile)}")
    if model is not None:
        about = profile.provenance.removeprefix(provenance).strip()
        if about:
            click.echo(f"its files: {printable(shortened(about.splitlines()[0], _LONGEST_ABOUT))}")
        if index is None:
            warn_of_unused_index(model)
    for missing in profile.missing:
        click.echo(f"advice: {missing}")


def _heard_text(profile: VoiceProfile) -> str:
    """Return what was heard of a voice, or what is known of one that was trained elsewhere."""
    notes = f"range {note_range(profile.f0_range)}"
    if not profile.recordings:
        low, _, high = profile.f0_range
        return f"{', '.join(profile.feature_ids)}, {notes} ({low:.0f} to {high:.0f} Hz)"
    recorded = sum(recording.seconds for recording in profile.recordings)
    return (
        f"{profile.voiced_seconds:.1f} s voiced of {recorded:.1f} s in "
        f"{len(profile.recordings)} file{'s' * (len(profile.recordings) > 1)}, {notes}, "
        f"{profile.loudness:.1f} LUFS"
    )


@click.command("learn")
@click.argument("name", type=VOICE)
@click.argument("files", nargs=-1, type=SOUND, metavar="[FILE]...")
@_keep_option
@db_option
@backend_options
def learn(
    name: str,
    files: tuple[Path, ...],
    keep: float | None,
    db: Path | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Let one more converter learn the voice NAME, from the recordings that it was made of.

    They need not be given where `autovoice voices add --keep-audio` kept them. Name the converter
    with --backend conversion=NAME.
    """
    with (
        requested_backends(device, backends, SONG_OPERATIONS[1:]) as need,
        progress_bar(name) as progress,
    ):
        profile = VoiceProfileStorage(db).learn(
            name, files or None, need=need, progress=progress, keep=keep
        )
    click.echo(f"{profile.name} now holds features of {', '.join(profile.feature_ids)}")

"""``autovoice voices``: voices added, listed, changed, exported and imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from autovoice_core._errors import StorageError
from autovoice_core.audio.atomic import existing_files
from autovoice_core.cli._group import CommandGroup
from autovoice_core.cli._options import (
    PATH,
    SOUND,
    backend_options,
    db_option,
    no_clobber_option,
    requested_backends,
)
from autovoice_core.cli._output import print_json, print_table, print_written, progress_bar
from autovoice_core.cli._style_options import given_style, style_options
from autovoice_core.cli._voice_output import (
    note_range,
    profile_as_dict,
    profile_table,
    style_text,
    summary_as_dict,
    summary_table,
)
from autovoice_core.cli._voice_settings import settings_to_keep
from autovoice_core.voices.database import require_writable
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage

_json_option = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
_keep_option = click.option(
    "--keep",
    type=float,
    metavar="SECONDS",
    help="Most voiced sound to keep, 8 to 600. [default: the converter's choice, usually 300]",
)
_replace_option = click.option("--replace", is_flag=True, help="Replace a voice of that name.")


@click.group("voices", cls=CommandGroup)
def command() -> None:
    """Manage the voices to convert to.

    They are kept in one file, voices.db, in the folder that AUTOVOICE_HOME names, or else in the
    platform's folder for application data.
    """


@command.command("add")
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=SOUND, metavar="FILE...")
@_replace_option
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
    replace: bool,
    consent: str,
    provenance: str,
    keep: float | None,
    keep_audio: bool,
    db: Path | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Make the voice NAME from recordings of it alone, spoken or sung, at least 8 s voiced."""
    voices = VoiceProfileStorage(db)
    voices.require_free(name, replace=replace)
    with requested_backends(device, backends) as need, progress_bar(name) as progress:
        profile = VoiceProfile.from_recordings(
            files,
            name=name,
            consent=consent,
            provenance=provenance,
            need=need,
            progress=progress,
            keep=keep,
        )
    voices.add(profile, replace=replace, keep_audio=files if keep_audio else None)
    for made_by in profile.made_by:
        click.echo(f"{made_by}")
    recorded = sum(recording.seconds for recording in profile.recordings)
    click.echo(
        f"added {profile.name}: {profile.voiced_seconds:.1f} s voiced of {recorded:.1f} s in "
        f"{len(profile.recordings)} file{'s' * (len(profile.recordings) > 1)}, "
        f"range {note_range(profile.f0_range)}, {profile.loudness:.1f} LUFS"
    )
    for missing in profile.missing:
        click.echo(f"advice: {missing}")


@command.command("learn")
@click.argument("name")
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
    with requested_backends(device, backends) as need, progress_bar(name) as progress:
        profile = VoiceProfileStorage(db).learn(
            name, files or None, need=need, progress=progress, keep=keep
        )
    click.echo(f"{profile.name} now holds features of {', '.join(profile.feature_ids)}")


@command.command("list")
@_json_option
@db_option
def list_(as_json: bool, db: Path | None) -> None:
    """List the voices."""
    voices = VoiceProfileStorage(db)
    summaries = voices.list()
    if as_json:
        print_json([summary_as_dict(summary) for summary in summaries])
    elif not summaries:
        click.echo(_without_voices(voices.path))
    else:
        print_table(summary_table(summaries))


def _without_voices(path: Path) -> str:
    try:
        require_writable(path)
    except StorageError as error:
        return f"no voices; {error}"
    return f"no voices in {path}; add one with `autovoice voices add NAME FILE...`"


@command.command("show")
@click.argument("name")
@_json_option
@db_option
def show(name: str, as_json: bool, db: Path | None) -> None:
    """Show what is known of the voice NAME."""
    profile = VoiceProfileStorage(db).get(name)
    if as_json:
        print_json(profile_as_dict(profile))
    else:
        print_table(profile_table(profile))


@command.command("set")
@click.argument("name")
@style_options
@db_option
@backend_options
def set_(name: str, db: Path | None, device: str, backends: dict[str, str], **style: Any) -> None:
    """Set the default style of the voice NAME, for `autovoice convert`.

    --set keeps a setting of the converter, conversion.NAME=VALUE; its default removes it. Options
    that are not given stay as they are.
    """
    options = given_style(style)
    with requested_backends(device, backends) as need:
        settings = settings_to_keep(need)
    if not options and not settings:
        raise click.UsageError("nothing to set; try `autovoice voices set --help`")
    profile = VoiceProfileStorage(db).set_style(name, settings=settings, **options)
    click.echo(f"style of {profile.name}: {style_text(profile)}")


@command.command("rename")
@click.argument("old")
@click.argument("new")
@db_option
def rename(old: str, new: str, db: Path | None) -> None:
    """Rename the voice OLD to NEW."""
    VoiceProfileStorage(db).rename(old, new)
    click.echo(f"renamed {old} to {new}")


@command.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
@db_option
def remove(name: str, yes: bool, db: Path | None) -> None:
    """Delete the voice NAME for good."""
    voices = VoiceProfileStorage(db)
    voice = voices.summary(name)
    if not yes:
        question = f"delete {voice.name} for good? (--yes skips this question)"
        if not _confirmed(question):
            click.echo(f"{voice.name} was not deleted", err=True)
            raise click.exceptions.Exit(1)
    voices.remove(name)
    click.echo(f"removed {voice.name}")


def _confirmed(question: str) -> bool:
    """Return the answer to ``question``; its line is ended where no Enter on a terminal did."""
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        return False
    if sys.stdin is not None and not sys.stdin.isatty():
        click.echo(err=True)
    return agreed


@command.command("export")
@click.argument("name")
@click.argument("file", type=PATH)
@no_clobber_option
@db_option
def export(name: str, file: Path, overwrite: bool, db: Path | None) -> None:
    """Write the voice NAME to FILE, whose name ends in .voice."""
    replaced = existing_files(file)
    VoiceProfileStorage(db).export(name, file, overwrite=overwrite)
    print_written([file], replaced)


@command.command("import")
@click.argument("file", type=PATH)
@click.option("--name", help="Name to add it under, if not its own.")
@_replace_option
@db_option
def import_(file: Path, name: str | None, replace: bool, db: Path | None) -> None:
    """Add a voice from FILE, written by `autovoice voices export`."""
    profile = VoiceProfileStorage(db).import_(file, name=name, replace=replace)
    click.echo(f"added {profile.name}")

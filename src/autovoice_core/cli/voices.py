"""``autovoice voices``: voices added, listed, changed, exported and imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from autovoice_core._errors import StorageError
from autovoice_core.audio.atomic import existing_files
from autovoice_core.cli._completion import VOICE
from autovoice_core.cli._group import CommandGroup
from autovoice_core.cli._options import (
    PATH,
    backend_options,
    db_option,
    no_clobber_option,
    requested_backends,
)
from autovoice_core.cli._output import print_json, print_table, print_written
from autovoice_core.cli._style_options import given_style, style_options
from autovoice_core.cli._voice_making import add, learn, replace_option
from autovoice_core.cli._voice_output import (
    profile_as_dict,
    profile_table,
    style_text,
    summary_as_dict,
    summary_table,
)
from autovoice_core.cli._voice_settings import settings_to_keep
from autovoice_core.voices.database import require_writable
from autovoice_core.voices.storage import VoiceProfileStorage

_json_option = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")


@click.group("voices", cls=CommandGroup)
def command() -> None:
    """Manage the voices to convert to.

    They are kept in one file, voices.db, in the folder that AUTOVOICE_HOME names, or else in the
    platform's folder for application data.
    """


command.add_command(add)
command.add_command(learn)


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
@click.argument("name", type=VOICE)
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
@click.argument("name", type=VOICE)
@style_options
@db_option
@backend_options
def set_(name: str, db: Path | None, device: str, backends: dict[str, str], **style: Any) -> None:
    """Set the default style of the voice NAME, for `autovoice convert`.

    --set keeps a setting of the converter, conversion.NAME=VALUE; its default removes it. Options
    that are not given stay as they are.
    """
    options, voices = given_style(style), VoiceProfileStorage(db)
    with requested_backends(device, backends, ["conversion"]) as need:
        settings = settings_to_keep(name, voices, need)
    if not options and not settings:
        raise click.UsageError("nothing to set; try `autovoice voices set --help`")
    profile = voices.set_style(name, settings=settings, **options)
    click.echo(f"style of {profile.name}: {style_text(profile)}")


@command.command("rename")
@click.argument("old", type=VOICE)
@click.argument("new")
@db_option
def rename(old: str, new: str, db: Path | None) -> None:
    """Rename the voice OLD to NEW."""
    VoiceProfileStorage(db).rename(old, new)
    click.echo(f"renamed {old} to {new}")


@command.command("remove")
@click.argument("name", type=VOICE)
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
@click.argument("name", type=VOICE)
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
@replace_option
@db_option
def import_(file: Path, name: str | None, replace: bool, db: Path | None) -> None:
    """Add a voice from FILE, written by `autovoice voices export`."""
    profile = VoiceProfileStorage(db).import_(file, name=name, replace=replace)
    click.echo(f"added {profile.name}")

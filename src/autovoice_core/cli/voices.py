"""``autovoice voices``: keep the voices to sing in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs
import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autovoice_core.cli._shared import choosing, operation_options, print_json, progress_bar
from autovoice_core.cli._styling import given, style_options
from autovoice_core.voices.coverage import note
from autovoice_core.voices.profile import F0Range, VoiceProfile
from autovoice_core.voices.storage import VoiceProfileStorage
from autovoice_core.voices.summary import VoiceSummary

_path = click.Path(path_type=Path)
_db = click.option("--db", type=_path, help="Another file of voices.")
_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
_replace = click.option("--replace", is_flag=True, help="Take the place of a voice of that name.")
_NOTHING_SPECIAL = "nothing special"


@click.group("voices")
def command() -> None:
    """Keep the voices to sing in.

    They lie in one file, voices.db, in the folder that AUTOVOICE_HOME names, else in the
    platform's folder for the data of programs.
    """


@command.command("add")
@click.argument("name")
@click.argument("files", nargs=-1, required=True, type=_path, metavar="FILE...")
@_replace
@click.option("--consent", default="", metavar="TEXT", help="Who agreed to what.")
@click.option("--provenance", default="", metavar="TEXT", help="Where the recordings come from.")
@click.option(
    "--keep",
    type=float,
    metavar="SECONDS",
    help="Keep so much voiced sound of recordings that have more, 8 to 600. [default: 300]",
)
@_db
@operation_options
def add(
    name: str,
    files: tuple[Path, ...],
    replace: bool,
    consent: str,
    provenance: str,
    keep: float | None,
    db: Path | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Make the voice NAME from recordings of it alone, spoken or sung; 8 s voiced or more."""
    voices = VoiceProfileStorage(db)
    if not replace:
        voices.require_free(name)
    with choosing(device, backends) as need, progress_bar(name) as progress:
        profile = VoiceProfile.from_recordings(
            files,
            name=name,
            consent=consent,
            provenance=provenance,
            need=need,
            progress=progress,
            keep=keep,
        )
    voices.add(profile, replace=replace)
    for made_by in profile.made_by:
        click.echo(f"{made_by}")
    recorded = sum(recording.seconds for recording in profile.recordings)
    click.echo(
        f"added {profile.name}: {profile.voiced_seconds:.1f} s voiced of {recorded:.1f} s in "
        f"{len(profile.recordings)} file{'s' * (len(profile.recordings) > 1)}, "
        f"range {_span(profile.f0_range)}, {profile.loudness:.1f} LUFS"
    )
    for lack in profile.missing:
        click.echo(f"missing: {lack}")


@command.command("list")
@_json
@_db
def list_(as_json: bool, db: Path | None) -> None:
    """List the voices."""
    voices = VoiceProfileStorage(db)
    summaries = voices.list()
    if as_json:
        print_json([_summary_as_dict(summary) for summary in summaries])
        return
    if not summaries:
        click.echo(f"no voices in {voices.path}; add one with `autovoice voices add NAME FILE...`")
        return
    table = Table("name", "range", "median", "voiced", "loudness", "files", "features", box=None)
    for summary in summaries:
        table.add_row(
            Text(summary.name),
            _span(summary.f0_range),
            note(summary.f0_range.p50),
            f"{summary.voiced_seconds:.0f} s",
            f"{summary.loudness:.1f} LUFS",
            str(summary.recordings),
            Text(summary.feature_id),
        )
    Console().print(table)


@command.command("show")
@click.argument("name")
@_json
@_db
def show(name: str, as_json: bool, db: Path | None) -> None:
    """Show what is known of the voice NAME."""
    profile = VoiceProfileStorage(db).get(name)
    if as_json:
        print_json(_profile_as_dict(profile))
        return
    embedding = profile.embedding
    rows = [
        ("name", profile.name),
        ("range", f"{_span(profile.f0_range)}, median {note(profile.f0_range.p50)}"),
        ("f0", f"{_hertz(profile.f0_range)} Hz (5th, 50th, 95th percentile)"),
        ("loudness", f"{profile.loudness:.1f} LUFS"),
        ("voiced", f"{profile.voiced_seconds:.1f} s"),
        ("style", str(profile.style) or _NOTHING_SPECIAL),
        ("consent", profile.consent or "(nothing said)"),
        ("provenance", profile.provenance or "(nothing said)"),
        ("features", f"{profile.feature_id}, {_arrays(profile)}"),
        ("embedding", f"{embedding.encoder} {embedding.version}" if embedding else "(none)"),
        *(("missing", lack) for lack in profile.missing),
        ("created", profile.created),
        *(("made by", str(made_by)) for made_by in profile.made_by),
        *(
            ("recording", f"{item.name}, {item.seconds:.1f} s, sha256 {item.sha256[:16]}…")
            for item in profile.recordings
        ),
    ]
    table = Table.grid(padding=(0, 2))
    for label, value in rows:
        table.add_row(label, Text(value))
    Console(highlight=False).print(table)


@command.command("set")
@click.argument("name")
@style_options
@_db
def set_(name: str, db: Path | None, **style: Any) -> None:
    """Say how the voice NAME is sung in where `autovoice convert` is told nothing else.

    What is not given stays as it is.
    """
    asked = given(style)
    if not asked:
        raise click.UsageError("nothing was given to set; try `autovoice voices set --help`")
    profile = VoiceProfileStorage(db).set_style(name, **asked)
    click.echo(f"{profile.name} is sung in with {str(profile.style) or _NOTHING_SPECIAL}")


@command.command("rename")
@click.argument("old")
@click.argument("new")
@_db
def rename(old: str, new: str, db: Path | None) -> None:
    """Call the voice OLD by the name NEW."""
    VoiceProfileStorage(db).rename(old, new)
    click.echo(f"{old} is called {new} now")


@command.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@_db
def remove(name: str, yes: bool, db: Path | None) -> None:
    """Forget the voice NAME for good."""
    voices = VoiceProfileStorage(db)
    known = voices.summary(name)
    if not yes:
        click.confirm(f"forget {known.name} for good? (--yes does not ask)", abort=True, err=True)
    voices.remove(name)
    click.echo(f"removed {known.name}")


@command.command("export")
@click.argument("name")
@click.argument("file", type=_path)
@_db
def export(name: str, file: Path, db: Path | None) -> None:
    """Write the voice NAME to FILE, whose name ends in .voice."""
    VoiceProfileStorage(db).export(name, file)
    click.echo(f"wrote {file}")


@command.command("import")
@click.argument("file", type=_path)
@click.option("--name", help="Another name than the one it was exported under.")
@_replace
@_db
def import_(file: Path, name: str | None, replace: bool, db: Path | None) -> None:
    """Add the voice that was exported to FILE."""
    profile = VoiceProfileStorage(db).import_(file, name=name, replace=replace)
    click.echo(f"added {profile.name}")


def _summary_as_dict(summary: VoiceSummary) -> dict[str, Any]:
    return {
        "name": summary.name,
        "f0_range_hz": list(summary.f0_range),
        "loudness_lufs": summary.loudness,
        "voiced_seconds": summary.voiced_seconds,
        "recordings": summary.recordings,
        "feature_id": summary.feature_id,
        "encoder": summary.encoder,
        "created": summary.created,
        "bytes": summary.size,
    }


def _profile_as_dict(profile: VoiceProfile) -> dict[str, Any]:
    embedding = profile.embedding
    return {
        "name": profile.name,
        "f0_range_hz": list(profile.f0_range),
        "loudness_lufs": profile.loudness,
        "voiced_seconds": profile.voiced_seconds,
        "style": attrs.asdict(profile.style),
        "consent": profile.consent,
        "provenance": profile.provenance,
        "feature_id": profile.feature_id,
        "features": {
            name: {"dtype": str(values.dtype), "shape": list(values.shape)}
            for name, values in profile.features.items()
        },
        "embedding": embedding and {"encoder": embedding.encoder, "version": embedding.version},
        "missing": list(profile.missing),
        "created": profile.created,
        "made_by": [attrs.asdict(made_by) for made_by in profile.made_by],
        "recordings": [attrs.asdict(recording) for recording in profile.recordings],
        "format_version": profile.format_version,
    }


def _arrays(profile: VoiceProfile) -> str:
    size = sum(values.nbytes for values in profile.features.values())
    return f"{len(profile.features)} arrays, {size / 1e6:.1f} MB"


def _span(f0_range: F0Range) -> str:
    return f"{note(f0_range.p5)} to {note(f0_range.p95)}"


def _hertz(f0_range: F0Range) -> str:
    return ", ".join(f"{hertz:.0f}" for hertz in f0_range)

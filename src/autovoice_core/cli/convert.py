"""``autovoice convert``: the main job."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console

from autovoice_core.cli._shared import choosing, operation_options, print_json, stage_bar
from autovoice_core.song import ConvertedSong, convert_song
from autovoice_core.voices.storage import VoiceProfileStorage


class _Key(click.ParamType[float | str]):
    name = "auto|SEMITONES"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | str:
        if value == "auto":
            return "auto"
        try:
            semitones = float(str(value))
        except ValueError:
            self.fail(f"{value!r} is neither 'auto' nor a number of semitones", param, ctx)
        if not -24 <= semitones <= 24:
            self.fail(f"{value} semitones are outside -24 to 24", param, ctx)
        return semitones


@click.command("convert")
@click.argument("song", type=click.Path(path_type=Path))
@click.option("--voice", required=True, metavar="NAME", help="A voice of `autovoice voices list`.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="The file to write; its suffix names the format. [default: SONG.VOICE.suffix]",
)
@click.option(
    "--key",
    type=_Key(),
    default="auto",
    show_default=True,
    help="Semitones to move the song by; auto moves the voice by octaves into its range.",
)
@click.option("--stems", type=click.Path(path_type=Path), metavar="DIR", help="Leave the stems.")
@click.option("--vocals-only", is_flag=True, help="SONG is a voice alone: don't separate or remix.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    metavar="PAGE.html",
    help="Write a page on how well the voice turned out; see `autovoice report`.",
)
@click.option("--db", type=click.Path(path_type=Path), help="Another file of voices.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@operation_options
def command(
    song: Path,
    voice: str,
    out: Path | None,
    key: float | str,
    stems: Path | None,
    vocals_only: bool,
    report: Path | None,
    db: Path | None,
    as_json: bool,
    device: str,
    backends: dict[str, str],
) -> None:
    """Sing SONG again in another voice and put the song back together."""
    with VoiceProfileStorage(db) as voices:
        profile = voices.get(voice)
    with choosing(device, backends) as need, stage_bar(song.name) as progress:
        result = convert_song(
            song,
            profile,
            out,
            key="auto" if isinstance(key, str) else key,
            stems=stems,
            vocals_only=vocals_only,
            report=report,
            need=need,
            progress=progress,
        )
    if as_json:
        print_json(_as_dict(result))
    else:
        _print(result)


def _as_dict(result: ConvertedSong) -> dict[str, object]:
    return {
        "path": str(result.path),
        "voice": result.voice,
        "key_semitones": result.key,
        "vocals_gain_db": round(result.vocals_gain_db, 2),
        "mix_gain_db": round(result.mix_gain_db, 2),
        "stems": [str(path) for path in result.stems],
        "seconds": {stage: round(value, 2) for stage, value in result.seconds.items()},
        "made_by": [
            {
                "operation": made.operation,
                "backend": made.backend,
                "distribution": made.distribution,
                "device": made.device,
                "dtype": made.dtype,
            }
            for made in result.made_by
        ],
        "report": None if result.report is None else result.report.as_dict(),
    }


def _print(result: ConvertedSong) -> None:
    console = Console(highlight=False, soft_wrap=True)
    for made in result.made_by:
        console.print(f"{made}", markup=False)
    moved = f"moved by {result.key:+g} semitones" if result.key else "in the original key"
    console.print(
        f"sung by {result.voice}, {moved}, in {sum(result.seconds.values()):.1f} s", markup=False
    )
    pages = () if result.report is None else (result.report.path,)
    for path in (*result.stems, *pages, result.path):
        console.print(f"wrote {path}", markup=False)

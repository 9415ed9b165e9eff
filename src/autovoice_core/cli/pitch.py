"""``autovoice pitch``: the fundamental frequency of a voice over time."""

from __future__ import annotations

from pathlib import Path

import click

from autovoice_core._errors import InputError
from autovoice_core._types import PitchTrack
from autovoice_core.audio.reading import AudioFile
from autovoice_core.cli._options import PATH, backend_options, memory_option, requested_backends
from autovoice_core.cli._output import progress_bar
from autovoice_core.pitch.extractor import SingingPitchExtractor
from autovoice_core.pitch.files import write_csv, write_json
from autovoice_core.pitch.midi import write_midi
from autovoice_core.pitch.plot import write_plot


@click.command("pitch")
@click.argument("file", type=PATH)
@click.option("--out", type=PATH, metavar="F0.csv", help="Write a table.")
@click.option("--json", "json_path", type=PATH, help="Write JSON.")
@click.option("--midi", type=PATH, metavar="NOTES.mid", help="Write notes with pitch bends.")
@click.option("--plot", type=PATH, metavar="F0.png", help="Write a plot.")
@click.option("--hop", default=0.01, show_default=True, help="Seconds between frames.")
@click.option("--fmin", default=40.0, show_default=True, help="Lowest frequency, Hz.")
@click.option("--fmax", default=2000.0, show_default=True, help="Highest frequency, Hz.")
@click.option("--octave-guard", is_flag=True, help="Correct short octave jumps.")
@memory_option
@backend_options
def command(
    file: Path,
    out: Path | None,
    json_path: Path | None,
    midi: Path | None,
    plot: Path | None,
    hop: float,
    fmin: float,
    fmax: float,
    octave_guard: bool,
    memory_limit: int | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Track the pitch of the voice in FILE; channels are averaged."""
    paths = [path for path in (out, json_path, midi, plot) if path is not None]
    if not paths:
        raise click.UsageError("nothing to write: give --out, --json, --midi or --plot")
    if len(set(paths)) < len(paths):
        raise click.UsageError("--out, --json, --midi and --plot need different files")
    source = AudioFile(file)
    for path in paths:
        if path.exists() and path.samefile(file):
            raise InputError(f"{path}: is the recording itself; give the result another name")
    with requested_backends(device, backends) as need, progress_bar(file.name) as progress:
        extractor = SingingPitchExtractor(
            fmin, fmax, hop, need=need, octave_guard=octave_guard, memory_limit=memory_limit
        )
        track = extractor.extract(source, progress=progress)
    if out is not None:
        write_csv(track, out)
    if json_path is not None:
        write_json(track, json_path)
    if midi is not None:
        write_midi(track, midi)
    if plot is not None:
        write_plot(track, plot, title=file.name)
    click.echo(_summary(track))
    for path in paths:
        click.echo(f"wrote {path}")


def _summary(track: PitchTrack) -> str:
    made = f"{track.made_by[-1]}"
    voiced_f0 = track.f0[track.voiced]
    if not voiced_f0.size:
        return f"{made}\nno voice in {len(track)} frames"
    return (
        f"{made}\n{len(track)} frames, {track.voiced.mean():.0%} voiced, "
        f"{voiced_f0.min():.1f} to {voiced_f0.max():.1f} Hz"
    )

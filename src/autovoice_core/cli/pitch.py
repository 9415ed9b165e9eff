"""``autovoice pitch``: the fundamental frequency of a voice over time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import numpy as np

from autovoice_core._errors import InputError
from autovoice_core._frames import MAX_HOP_SECONDS
from autovoice_core._types import PitchTrack
from autovoice_core.audio.atomic import check_suffix, existing_files, is_same_file
from autovoice_core.audio.distinct_files import check_distinct
from autovoice_core.audio.output_stream import is_standard_output
from autovoice_core.audio.reading import AudioFile
from autovoice_core.cli._options import (
    OUTPUT,
    PATH,
    SOUND,
    backend_options,
    memory_option,
    no_clobber_option,
    requested_backends,
)
from autovoice_core.cli._output import print_json, print_written, progress_bar
from autovoice_core.pitch.extractor import MAX_F0_HZ, MIN_F0_HZ, SingingPitchExtractor
from autovoice_core.pitch.files import as_dict, check_track_file, save
from autovoice_core.pitch.notes import nearest_note_name
from autovoice_core.pitch.plot import write_plot

MIDI_SUFFIXES = (".mid", ".midi")
PICTURE_SUFFIXES = (".png", ".svg", ".pdf")
_F0 = click.FloatRange(MIN_F0_HZ, MAX_F0_HZ)


@click.command("pitch")
@click.argument("file", type=SOUND)
@click.option(
    "--out",
    type=OUTPUT,
    metavar="F0.csv",
    help="Write the track; the suffix names the format: .csv, .json, .npz, .mid, .midi, .png, "
    ".svg or .pdf.",
)
@click.option("--midi", type=PATH, metavar="NOTES.mid", help="Write notes with pitch bends.")
@click.option("--plot", type=PATH, metavar="F0.png", help="Write a plot: .png, .svg or .pdf.")
@no_clobber_option
@click.option("--json", "as_json", is_flag=True, help="Print the summary and the track as JSON.")
@click.option(
    "--hop",
    type=click.FloatRange(0, MAX_HOP_SECONDS, min_open=True),
    default=0.01,
    show_default=True,
    metavar="SECONDS",
    help="Seconds between frames.",
)
@click.option(
    "--fmin", type=_F0, default=40.0, show_default=True, metavar="HZ", help="Lowest frequency."
)
@click.option(
    "--fmax", type=_F0, default=2000.0, show_default=True, metavar="HZ", help="Highest frequency."
)
@click.option("--octave-guard", is_flag=True, help="Correct short octave jumps.")
@memory_option
@backend_options
def command(
    file: Path,
    out: Path | None,
    midi: Path | None,
    plot: Path | None,
    overwrite: bool,
    as_json: bool,
    hop: float,
    fmin: float,
    fmax: float,
    octave_guard: bool,
    memory_limit: int | None,
    device: str,
    backends: dict[str, str],
) -> None:
    """Track the pitch of the voice in FILE, and print a summary; channels are averaged."""
    paths = [path for path in (out, midi, plot) if path is not None]
    source = AudioFile(file)
    _check_outputs(source, paths, midi, plot, overwrite=overwrite)
    replaced = existing_files(*paths)
    with (
        requested_backends(device, backends, ["pitch"]) as need,
        progress_bar(file.name) as progress,
    ):
        extractor = SingingPitchExtractor(
            fmin, fmax, hop, need=need, octave_guard=octave_guard, memory_limit=memory_limit
        )
        track = extractor.extract(source, progress=progress)
    if plot is not None:
        write_plot(track, plot, title=file.name, overwrite=overwrite)
    for path in (out, midi):
        if path is not None:
            save(track, path, overwrite=overwrite)
    if as_json:
        files = {"files": [str(path) for path in paths], "replaced": [str(p) for p in replaced]}
        summary = {"file": str(file), **_summary(track, source), **files}
        print_json({**summary, **as_dict(track)}, indent=None)
        return
    # What is written to standard output is not to be mixed with words about it.
    err = any(is_standard_output(path) for path in paths)
    click.echo(_in_words(track, source), err=err)
    print_written(paths, replaced, err=err)


def _check_outputs(
    source: AudioFile, paths: list[Path], midi: Path | None, plot: Path | None, *, overwrite: bool
) -> None:
    """Check, before the work, that all ``paths`` can be written."""
    check_distinct(paths)
    if midi is not None:
        check_suffix(midi, MIDI_SUFFIXES, "a MIDI file")
    if plot is not None:
        check_suffix(plot, PICTURE_SUFFIXES, "a picture")
    for path in paths:
        if is_same_file(path, source.path):
            raise InputError(f"{path}: is the recording itself; give the result another name")
        check_track_file(path, overwrite=overwrite)


def _summary(track: PitchTrack, source: AudioFile) -> dict[str, Any]:
    """Return what the track holds in a few figures; those of f0 are None where it has none."""
    f0 = track.f0[track.voiced]
    low, median, high = (
        (float(f0.min()), float(np.median(f0)), float(f0.max())) if f0.size else (None,) * 3
    )
    return {
        "seconds": round(source.frames / source.sample_rate, 3),
        "frames": len(track),
        "voiced_share": round(float(track.voiced.mean()), 4),
        "median_hz": median,
        "lowest_hz": low,
        "highest_hz": high,
    }


def _in_words(track: PitchTrack, source: AudioFile) -> str:
    """Return the summary as two lines: what tracked it, and what was found."""
    found = _summary(track, source)
    if found["median_hz"] is None:
        text = "no voice"
    else:
        low, median, high = (
            f"{found[name]:.1f} Hz ({nearest_note_name(found[name])})"
            for name in ("lowest_hz", "median_hz", "highest_hz")
        )
        text = f"{found['voiced_share']:.0%} voiced, median {median}, range {low} to {high}"
    return f"{track.made_by[-1]}\n{found['seconds']:.2f} s, {text}"

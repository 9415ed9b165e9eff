"""``autovoice separate``: a song taken apart."""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
import numpy as np
from attrs import asdict, frozen

from autovoice_core._errors import InputError
from autovoice_core._types import Progress, Provenance
from autovoice_core.audio.files import AudioFile
from autovoice_core.audio.writing import AudioWriter, under_full_scale
from autovoice_core.audio.scratch import kept
from autovoice_core.audio.source import Block
from autovoice_core.cli._shared import choosing, operation_options, print_json, progress_bar
from autovoice_core.separation import VocalSeparator

STEMS = ("vocals", "accompaniment")
_BLOCK = 1 << 16


@click.command("separate")
@click.argument("song", type=click.Path(path_type=Path))
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder to leave vocals and accompaniment in.",
)
@click.option(
    "--format",
    "suffix",
    type=click.Choice(["flac", "wav"]),
    default="flac",
    show_default=True,
    help="The format of the files.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
@operation_options
def command(
    song: Path, out: Path, suffix: str, as_json: bool, device: str, backends: dict[str, str]
) -> None:
    """Take SONG apart into vocals and accompaniment, which add up to it."""
    source = AudioFile(song)
    with choosing(device, backends) as need, progress_bar(song.name) as told:
        result = _separate(source, out, suffix, VocalSeparator(need=need), told)
    if as_json:
        print_json(
            {
                "stems": [str(path) for path in result.stems],
                "gain_db": round(result.gain_db, 2),
                "seconds": round(result.seconds, 2),
                "made_by": asdict(result.made_by),
            }
        )
        return
    click.echo(f"{result.made_by}")
    if result.gain_db < 0:
        click.echo(f"turned down by {-result.gain_db:.1f} dB to keep the peak under full scale")
    click.echo(f"separated in {result.seconds:.1f} s")
    for path in result.stems:
        click.echo(f"wrote {path}")


@frozen
class _Separated:
    stems: tuple[Path, ...]
    made_by: Provenance
    gain_db: float
    seconds: float


def _separate(
    source: AudioFile, out: Path, suffix: str, separator: VocalSeparator, told: Progress
) -> _Separated:
    began = time.perf_counter()
    paths = tuple(out / f"{stem}.{suffix}" for stem in STEMS)
    for path in paths:
        if path.exists() and path.samefile(source.path):
            raise InputError(f"{path}: is the song itself; choose another folder")
    peak = 0.0

    def vocals() -> Iterator[Block]:
        nonlocal peak
        for stems in separator.separate_blocks(source, progress=told):
            parts = (stems.vocals.numpy(), stems.accompaniment.numpy())
            peak = max(peak, *(float(np.abs(part).max()) for part in parts))
            yield parts[0]

    # Opened first, so that a place that can't be written is known before the work.
    with (
        _writers(paths, source) as writers,
        tempfile.TemporaryDirectory(prefix="autovoice-") as folder,
    ):
        sung = kept(Path(folder) / "vocals", source, vocals())
        gain = under_full_scale(peak)
        for whole, voice in zip(source.blocks(_BLOCK), sung.blocks(_BLOCK), strict=True):
            for writer, part in zip(writers, (voice, whole - voice), strict=True):
                writer.write(np.float32(gain) * part)
    return _Separated(
        stems=paths,
        made_by=separator.chosen.provenance,
        gain_db=20 * math.log10(gain),
        seconds=time.perf_counter() - began,
    )


@contextmanager
def _writers(paths: tuple[Path, ...], source: AudioFile) -> Iterator[list[AudioWriter]]:
    """Yield writers of files that appear together or not at all."""
    folder = paths[0].parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder}: the folder can't be made ({error.strerror}); choose another"
        ) from error
    written = False
    try:
        with ExitStack() as files:
            yield [
                files.enter_context(
                    AudioWriter(path, source.sample_rate, source.channels, frames=source.frames)
                )
                for path in paths
            ]
            written = True
    except BaseException:
        # They are closed one by one; where one can't be, another may lie in its place already.
        for path in paths if written else ():
            path.unlink(missing_ok=True)
        raise

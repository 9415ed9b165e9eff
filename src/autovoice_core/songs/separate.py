"""A song taken apart into files, and compared with the true stems where they are known."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._provenance import Provenance
from autovoice_core._types import Progress
from autovoice_core.audio.atomic import made_folder
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.scratch import kept
from autovoice_core.audio.source import Block, Difference, Source
from autovoice_core.audio.together import refuse_overwriting, together
from autovoice_core.audio.writing import AudioWriter, under_full_scale
from autovoice_core.metrics.separation import (
    SeparationMetrics,
    check_alike,
    check_installed,
    compute_separation_metrics,
)
from autovoice_core.separation.separator import VocalSeparator

STEMS = ("vocals", "accompaniment")
_SHARES = {"separation": 0.9, "writing": 0.1}
_SHARE_OF_MEASURING = 1.0
_BLOCK = 1 << 16


@frozen
class SeparatedSong:
    """What became of a song.

    Attributes
    ----------
    stems
        The files that were written.
    made_by
        What took it apart.
    gain_db
        0, or the negative gain that brought a peak of the stems under full scale.
    figures
        How well each stem was found, where references were given.
    seconds
        How long each stage took.
    """

    stems: tuple[Path, ...]
    made_by: Provenance
    gain_db: float
    figures: Mapping[str, SeparationMetrics]
    seconds: dict[str, float]


def separate_song(
    song: str | Path,
    out: str | Path,
    *,
    stems: Sequence[str] = STEMS,
    suffix: str = "flac",
    reference: str | Path | None = None,
    separator: VocalSeparator | None = None,
    progress: StageProgress | None = None,
) -> SeparatedSong:
    """Take ``song`` apart into files of its length, rate and channels.

    All of them appear, or none. Vocals and accompaniment add up to the song; where one of those
    that are written would peak over full scale, they are turned down together.

    Parameters
    ----------
    song
        A sound file of any length, 8 to 192 kHz, 1 to 8 channels.
    out
        The folder to leave ``vocals.<suffix>`` and ``accompaniment.<suffix>`` in.
    stems
        Which of :data:`STEMS` to write.
    suffix
        Names the format.
    reference
        A folder with the true ``vocals`` and ``accompaniment``, in any format, to compare with.
    separator
        Does it; by default a :class:`VocalSeparator` as it comes.
    progress
        Told the stage and the fraction done.

    Raises
    ------
    InputError
        The song or a reference can't be read, a reference is of another length, rate or number
        of channels, or the folder can't be written.
    SelectionError
        No backend meets the separator's need.
    """
    source = AudioFile(song)
    separator = separator or VocalSeparator()
    if not stems or not set(stems) <= set(STEMS):
        raise InputError(
            f"stems: {', '.join(stems) or '(none)'} is no choice of {' and '.join(STEMS)}; "
            "name one or both"
        )
    paths = [Path(out) / f"{stem}.{suffix}" for stem in stems]
    for path in paths:
        refuse_overwriting(source, path, "choose another folder")
    true = {} if reference is None else _references(Path(reference), source)
    shares = _SHARES | ({"measuring": _SHARE_OF_MEASURING} if true else {})
    timer = Stages(shares, progress)
    separator.chosen  # noqa: B018  # nothing is made where nobody separates
    figures: dict[str, SeparationMetrics] = {}
    with ExitStack() as files:
        # Opened first, so that a place that can't be written is known before the work.
        files.enter_context(made_folder(out))
        writers = files.enter_context(
            together(
                [
                    AudioWriter(path, source.sample_rate, source.channels, frames=source.frames)
                    for path in paths
                ]
            )
        )
        folder = Path(files.enter_context(tempfile.TemporaryDirectory(prefix="autovoice-")))
        peaks = dict.fromkeys(STEMS, 0.0)
        with timer.stage("separation") as told:
            vocals = kept(folder / "vocals", source, _vocals(separator, source, peaks, told))
        found: dict[str, Source] = {"vocals": vocals, "accompaniment": Difference(source, vocals)}
        if true:
            with timer.stage("measuring") as told:
                figures = compute_separation_metrics(true, found, progress=told)
        gain = under_full_scale(max(peaks[stem] for stem in stems))
        with timer.stage("writing") as told:
            for done, (stem, writer) in enumerate(zip(stems, writers, strict=True), 1):
                for block in found[stem].blocks(_BLOCK):
                    writer.write(block if gain == 1 else np.float32(gain) * block)
                told(done / len(stems))
    return SeparatedSong(
        stems=tuple(paths),
        made_by=separator.chosen.provenance,
        gain_db=20 * math.log10(gain),
        figures=figures,
        seconds=timer.seconds,
    )


def _vocals(
    separator: VocalSeparator, source: AudioFile, peaks: dict[str, float], told: Progress
) -> Iterator[Block]:
    """Yield the vocals block by block, and raise ``peaks`` to those of both stems."""
    for block in separator.separate_blocks(source, progress=told):
        for stem in STEMS:
            samples = getattr(block, stem).numpy()
            peaks[stem] = max(peaks[stem], float(np.abs(samples).max(initial=0.0)))
        yield block.vocals.numpy()


def _references(folder: Path, song: AudioFile) -> dict[str, AudioFile]:
    check_installed()
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder; give the one that holds the true stems")
    references = {}
    for stem in STEMS:
        found = sorted(path for path in folder.iterdir() if path.stem == stem and path.is_file())
        if len(found) != 1:
            holds = " and ".join(path.name for path in found) or f"no {stem} file"
            raise InputError(
                f"{folder}: holds {holds}; leave one file for each of {' and '.join(STEMS)} in it"
            )
        references[stem] = AudioFile(found[0])
        check_alike(references[stem], song)
    return references

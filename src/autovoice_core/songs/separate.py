"""Separation of a song into files, with figures where the true stems are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import numpy as np
from attrs import frozen

from autovoice_core._arguments import PathLike, as_instance, as_path, as_text, describe
from autovoice_core._errors import ArgumentError, InputError
from autovoice_core._printable import html_text
from autovoice_core._progress import StageProgress, Stages
from autovoice_core._provenance import Provenance
from autovoice_core._types import Progress
from autovoice_core.audio.output_stream import is_output_stream
from autovoice_core.audio.player import player
from autovoice_core.audio.reading import AudioFile, SoundInput, as_source_on_host
from autovoice_core.audio.scratch import write_scratch
from autovoice_core.audio.source import BLOCK_FRAMES, AudioBuffer, Block, Difference, Source
from autovoice_core.audio.writing import AudioWriter, headroom_gain
from autovoice_core.metrics.separation import (
    SeparationMetrics,
    check_installed,
    check_same_shape,
    compute_separation_metrics,
)
from autovoice_core.separation.separator import VocalSeparator
from autovoice_core.songs.outputs import OutputPaths, gain_to_db, open_outputs, refuse_overwriting

STEMS = ("vocals", "accompaniment")
_SHARES = {"separation": 0.9, "measuring": 1.0, "writing": 0.1}


@frozen(repr=False)
class SeparatedSong:
    """The result of :func:`~autovoice_core.separate_song`.

    Attributes
    ----------
    stems
        The files that were written.
    made_by
        The backend that separated it.
    gain_db
        0, or the negative gain that brought a peak of the stems under full scale.
    figures
        How close each stem is to its reference, where references were given.
    seconds
        How long each stage took.
    replaced
        Those of the files that existed already.
    """

    stems: tuple[Path, ...]
    made_by: Provenance
    gain_db: float
    figures: Mapping[str, SeparationMetrics]
    seconds: dict[str, float]
    replaced: tuple[Path, ...] = ()

    def __repr__(self) -> str:
        return f"SeparatedSong({', '.join(repr(str(stem)) for stem in self.stems)})"

    def _repr_html_(self) -> str:
        """Return a player of each stem that was written to a file, for notebooks."""
        files = [stem for stem in self.stems if not is_output_stream(stem)]
        figures = [f"{name}: {figures}" for name, figures in self.figures.items()]
        text = "<br>".join(html_text(line) for line in (*figures, self.made_by))
        return "".join(player(stem, stem.name) for stem in files) + f"<p>{text}</p>"


def separate_song(
    song: SoundInput,
    out: PathLike,
    *,
    stems: Sequence[str] = STEMS,
    suffix: str = "flac",
    reference: PathLike | None = None,
    separator: VocalSeparator | None = None,
    overwrite: bool = True,
    progress: StageProgress | None = None,
) -> SeparatedSong:
    """Separate ``song`` into files of its length, rate and channels.

    All of them appear, or none. Vocals and accompaniment add up to the song; where one of those
    that are written would peak over full scale, they are turned down together.

    Parameters
    ----------
    song
        A sound file of any length, 8 to 192 kHz, 1 to 8 channels; or sound in memory, which
        :meth:`VocalSeparator.separate` separates to sound in memory.
    out
        The folder to write ``vocals.<suffix>`` and ``accompaniment.<suffix>`` to.
    stems
        Which to write: ``"vocals"``, ``"accompaniment"`` or, by default, both.
    suffix
        Suffix of the files, which names their format.
    reference
        A folder with the true ``vocals`` and ``accompaniment``, in any format, to compare with.
    separator
        By default a :class:`VocalSeparator` without options.
    overwrite
        Whether files that exist are replaced; else they are refused.
    progress
        Called with the stage and the fraction done.

    Raises
    ------
    InputError
        The song or a reference can't be read, a reference is of another length, rate or number
        of channels, or the folder can't be written.
    SelectionError
        No backend meets the separator's need.
    """
    source, stems = as_source_on_host(song, "song"), [stems] if isinstance(stems, str) else stems
    separator = VocalSeparator() if separator is None else separator
    as_instance("separator", separator, VocalSeparator, "omit it for one without options")
    paths = _output_paths(source, as_path("out", out), stems, suffix, overwrite=overwrite)
    references = {}
    if reference is not None:
        references = _references(as_path("reference", reference), source)
    for true_stem, path in product(references.values(), paths.stems):
        remedy = "choose another folder for the stems"
        refuse_overwriting(true_stem, path, remedy, what="one of the true stems")
    shares = {stage: _SHARES[stage] for stage in _SHARES if references or stage != "measuring"}
    stages = Stages(shares, progress)
    made_by = separator.chosen.provenance  # chosen before anything is written
    with open_outputs(source, paths) as outputs:
        peaks = dict.fromkeys(STEMS, 0.0)
        with stages.stage("separation") as stage_progress:
            blocks = _vocals(separator, source, peaks, stage_progress)
            vocals = write_scratch(outputs.scratch / "vocals", source, blocks)
        estimates: dict[str, Source] = {
            "vocals": vocals,
            "accompaniment": Difference(source, vocals),
        }
        figures: Mapping[str, SeparationMetrics] = {}
        if references:
            with stages.stage("measuring") as stage_progress:
                figures = compute_separation_metrics(references, estimates, progress=stage_progress)
        gain = headroom_gain(max(peaks[stem] for stem in stems))
        with stages.stage("writing") as stage_progress:
            _write([estimates[stem] for stem in stems], outputs.writers, gain, stage_progress)
    return SeparatedSong(
        stems=paths.stems,
        made_by=made_by,
        gain_db=gain_to_db(gain),
        figures=figures,
        seconds=stages.seconds,
        replaced=outputs.replaced,
    )


def _output_paths(
    source: Source, out: Path, stems: Sequence[str], suffix: str, *, overwrite: bool
) -> OutputPaths:
    """Return where to write the stems, checked against the song."""
    known = isinstance(stems, (list, tuple)) and all(isinstance(stem, str) for stem in stems)
    if not known or not stems or not set(stems) <= set(STEMS):
        raise ArgumentError(
            f"stems: {describe(stems)} is not a selection of {' and '.join(STEMS)}; "
            "name one or both"
        )
    suffix = as_text("suffix", suffix, example="flac")
    files = tuple(out / f"{stem}.{suffix}" for stem in stems)
    paths = OutputPaths(stems_folder=out, stems=files, overwrite=overwrite)
    for path in paths.stems:
        refuse_overwriting(source, path, "choose another folder")
    return paths


def _references(folder: Path, song: Source) -> dict[str, AudioFile]:
    """Return the true stems in ``folder``, checked against the song."""
    check_installed()
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder; give the folder that holds the true stems")
    references = {}
    for stem in STEMS:
        found = sorted(path for path in folder.iterdir() if path.stem == stem and path.is_file())
        if len(found) != 1:
            holds = " and ".join(path.name for path in found) or f"no {stem} file"
            raise InputError(
                f"{folder}: holds {holds}; it must hold one file each of {' and '.join(STEMS)}"
            )
        references[stem] = AudioFile(found[0])
        check_same_shape(references[stem], song)
    return references


def _vocals(
    separator: VocalSeparator, source: Source, peaks: dict[str, float], progress: Progress
) -> Iterator[Block]:
    """Yield the vocals block by block, and raise ``peaks`` to those of both stems."""
    for block in separator.separate_blocks(source, progress=progress):
        for stem in STEMS:
            samples = getattr(block, stem).numpy()
            peaks[stem] = max(peaks[stem], float(np.abs(samples).max(initial=0.0)))
        yield block.vocals.numpy()


def _write(
    stems: Sequence[Source],
    writers: Sequence[AudioWriter | AudioBuffer],
    gain: float,
    progress: Progress,
) -> None:
    """Write each stem, times ``gain``."""
    for done, (stem, writer) in enumerate(zip(stems, writers, strict=True), 1):
        for block in stem.blocks(BLOCK_FRAMES):
            writer.write(block if gain == 1 else np.float32(gain) * block)
        progress(done / len(stems))

"""The files that a job writes: opened before the work, and left complete or not at all."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

from autovoice_core._arguments import PathLike, as_path
from autovoice_core._errors import ArgumentError, InputError
from autovoice_core.audio.atomic import (
    atomic_file,
    atomic_folder,
    check_suffix,
    existing_files,
    is_same_file,
)
from autovoice_core.audio.distinct_files import check_distinct
from autovoice_core.audio.libsndfile import readable_formats
from autovoice_core.audio.output_format import suffix_like
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.source import AudioBuffer, Source
from autovoice_core.audio.temporary import temporary_folder
from autovoice_core.audio.writing import AudioWriter, open_writers
from autovoice_core.report.report import PAGE_SUFFIXES

MAX_NAME_BYTES = 255
"""Longest name of a file that common file systems take."""


@frozen
class OutputPaths:
    """Where a job is to write.

    Attributes
    ----------
    mix
        The sound file of the song, in the sample format of the source; None where a job writes
        stems only, or the mix is kept in memory.
    stems_folder, stems
        A folder to make, and the sound files in it; None and empty where no stems are wanted.
    report
        The page, where one is wanted.
    overwrite
        Whether files that exist are replaced; else they are refused.
    """

    mix: Path | None = None
    stems_folder: Path | None = None
    stems: tuple[Path, ...] = ()
    report: Path | None = None
    overwrite: bool = True


@frozen(eq=False)
class Outputs:
    """Open outputs of a job, under temporary names.

    Attributes
    ----------
    writers
        For the mix, if there is one, and each of the stems: those of files, or buffers.
    report
        Path to write the report to.
    scratch
        Folder for temporary files.
    replaced
        Those files that exist already.
    """

    writers: Sequence[AudioWriter | AudioBuffer]
    report: Path | None
    scratch: Path
    replaced: tuple[Path, ...]


@contextmanager
def open_outputs(
    source: Source, paths: OutputPaths, buffers: Sequence[AudioBuffer] = ()
) -> Iterator[Outputs]:
    """Open all of ``paths`` for sound of the rate, channels and length of ``source``.

    ``buffers`` take the mix, and then the stems, where these are not written to files.

    On success the files appear together; on failure nothing is left, nor a folder that was made.

    Raises
    ------
    InputError
        A place can't be written or exists already and is to be kept, a suffix is not a format that
        can hold the sound, or two of the files have one name.
    """
    rate, channels, frames = source.sample_rate, source.channels, source.frames
    overwrite = paths.overwrite
    with ExitStack() as stack:
        if paths.stems_folder is not None:
            _check_folder_name(paths.stems_folder)
            stack.enter_context(atomic_folder(paths.stems_folder))
        replaced = existing_files(paths.mix, *paths.stems, paths.report)
        writers = [
            AudioWriter(stem, rate, channels, frames=frames, overwrite=overwrite)
            for stem in paths.stems
        ]
        if paths.mix is not None:
            like = source if isinstance(source, AudioFile) else None
            mix = AudioWriter(
                paths.mix, rate, channels, like=like, frames=frames, overwrite=overwrite
            )
            writers.insert(0, mix)
        report = paths.report
        if report is not None:
            check_suffix(report, PAGE_SUFFIXES, "a page")
            report = stack.enter_context(atomic_file(report, overwrite=overwrite))
        stack.enter_context(open_writers(writers))
        scratch = stack.enter_context(temporary_folder())
        mix_buffer, stem_buffers = buffers[:1], buffers[1:]
        yield Outputs([*mix_buffer, *writers, *stem_buffers], report, scratch, replaced)


def _check_folder_name(folder: Path) -> None:
    if folder.suffix[1:].upper() in readable_formats() and not folder.is_dir():
        raise InputError(f"{folder}: is the name of a sound file; give the name of a folder")


def conversion_paths(
    source: Source,
    mix: Path | None,
    stems: PathLike | None,
    names: Sequence[str],
    report: PathLike | None,
    *,
    overwrite: bool,
) -> OutputPaths:
    """Return where a conversion writes, checked against the song and each other.

    ``names`` are those of the stems, which are written where there is a folder ``stems``.

    Raises
    ------
    InputError
        One of the files is the song, or two have one name.
    """
    folder = None if stems is None else as_path("stems", stems)
    files = () if folder is None else tuple(folder / f"{name}.flac" for name in names)
    page = None if report is None else as_path("report", report)
    if mix is not None:
        refuse_overwriting(source, mix, "give the result another name")
    for stem in files:
        refuse_overwriting(source, stem, "choose another folder for the stems")
    if page is not None:
        refuse_overwriting(source, page, "give the report another name")
    check_distinct(each for each in (mix, *files, page) if each is not None)
    return OutputPaths(mix, folder, files, page, overwrite)


def default_out(song: AudioFile, voice: str) -> Path:
    """Return ``<song>.<voice><suffix>`` in the folder of ``song``, for a conversion.

    The suffix is that of the song, or else one that names its kind; a long name is shortened.

    Raises
    ------
    InputError
        The song comes from a pipe.
    """
    if song.stored != song.path:
        raise ArgumentError(
            f"out: the song comes from {song.name}, which has no folder; name the file to write"
        )
    suffix = re.fullmatch(r"\.\w{1,5}", song.path.suffix)
    stem = song.path.stem if suffix else song.path.name
    end = "".join(c if c.isalnum() or c in " -_" else "_" for c in voice) + suffix_like(song)
    while stem and len(os.fsencode(f"{stem}.{end}")) > MAX_NAME_BYTES:
        stem = stem[:-1]
    return song.path.with_name(f"{stem}.{end}")


def refuse_overwriting(
    source: Source, path: Path, remedy: str, *, what: str = "the song itself"
) -> None:
    """Refuse to write to ``path`` if it is the file that is read, by this name or another.

    Raises
    ------
    InputError
        It is ``what``; the message ends in ``remedy``.
    """
    if isinstance(source, AudioFile) and is_same_file(path, source.path):
        raise InputError(f"{path}: is {what}; {remedy}")


def gain_to_db(gain: float) -> float:
    """Return ``gain`` in dB."""
    return 20 * math.log10(gain)

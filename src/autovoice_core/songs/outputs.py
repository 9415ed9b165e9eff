"""The files that a job writes: opened before the work, and left complete or not at all."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core.audio.atomic import atomic_file, atomic_folder
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.writing import AudioWriter, open_writers


@frozen
class OutputPaths:
    """Where a job is to write.

    Attributes
    ----------
    mix
        The sound file of the song, in the sample format of the source; None where a job writes
        stems only.
    stems_folder, stems
        A folder to make, and the sound files in it; None and empty where no stems are wanted.
    report
        The page, where one is wanted.
    """

    mix: Path | None = None
    stems_folder: Path | None = None
    stems: tuple[Path, ...] = ()
    report: Path | None = None


@frozen(eq=False)
class Outputs:
    """Open outputs of a job, under temporary names.

    Attributes
    ----------
    writers
        For the mix, if there is one, and each of the stems.
    report
        Path to write the report to.
    scratch
        Folder for temporary files.
    """

    writers: Sequence[AudioWriter]
    report: Path | None
    scratch: Path


@contextmanager
def open_outputs(source: AudioFile, paths: OutputPaths) -> Iterator[Outputs]:
    """Open all of ``paths`` for sound of the rate, channels and length of ``source``.

    On success the files appear together; on failure nothing is left, nor a folder that was made.

    Raises
    ------
    InputError
        A place can't be written, a suffix is not a format that can hold the sound, or two of the
        files have one name.
    """
    rate, channels, frames = source.sample_rate, source.channels, source.frames
    with ExitStack() as stack:
        if paths.stems_folder is not None:
            stack.enter_context(atomic_folder(paths.stems_folder))
        writers = [AudioWriter(stem, rate, channels, frames=frames) for stem in paths.stems]
        if paths.mix is not None:
            mix = AudioWriter(paths.mix, rate, channels, like=source, frames=frames)
            writers.insert(0, mix)
        report = paths.report and stack.enter_context(atomic_file(paths.report))
        stack.enter_context(open_writers(writers))
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="autovoice-"))
        yield Outputs(writers, report, Path(scratch))


def refuse_overwriting(source: AudioFile, path: Path, remedy: str) -> None:
    """Refuse to write to ``path`` if it is the file that is read.

    Raises
    ------
    InputError
        It is; the message ends in ``remedy``.
    """
    if path.exists() and path.samefile(source.path):
        raise InputError(f"{path}: is the song itself; {remedy}")


def gain_to_db(gain: float) -> float:
    """Return ``gain`` in dB."""
    return 20 * math.log10(gain)

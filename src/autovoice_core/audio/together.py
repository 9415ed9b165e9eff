"""Several sound files that are complete, all of them, or not there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autovoice_core._errors import InputError
from autovoice_core.audio.reading import AudioFile
from autovoice_core.audio.writing import AudioWriter


@contextmanager
def together(writers: Sequence[AudioWriter]) -> Iterator[Sequence[AudioWriter]]:
    """Open ``writers``; their files appear together on success, and on failure none does.

    Raises
    ------
    InputError
        A place can't be written, or two of the files are one.
    """
    named: set[Path] = set()
    for writer in writers:
        if writer.path.resolve() in named:
            raise InputError(f"{writer.path}: two files would have this name; choose another")
        named.add(writer.path.resolve())
    try:
        with ExitStack() as files:
            for writer in writers:
                files.enter_context(writer)
            yield writers
            # What can fail is done before the first of them takes its place.
            for writer in writers:
                writer.close()
    except BaseException:
        for writer in writers:
            if writer.in_place:
                writer.path.unlink(missing_ok=True)
        raise


def refuse_overwriting(source: AudioFile, path: Path, remedy: str) -> None:
    """Refuse ``path`` if it is the file that is read."""
    if path.exists() and path.samefile(source.path):
        raise InputError(f"{path}: is the song itself; {remedy}")

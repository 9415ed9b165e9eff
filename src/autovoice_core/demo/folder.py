"""The folder that a demo writes to, whose files appear together when all are complete."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autovoice_core._arguments import PathLike, as_path
from autovoice_core._errors import InputError
from autovoice_core._wording import no_overwrite_name
from autovoice_core.audio.atomic import atomic_file, atomic_folder, check_output
from autovoice_core.audio.temporary import temporary_folder

VOICE_FOLDER = "voice"
"""Name of the folder within it for recordings of the second voice."""


@contextmanager
def filled_folder(folder: PathLike, *, overwrite: bool) -> Iterator[tuple[Path, Path]]:
    """Yield the folder of a demo and a temporary one, whose files come to it in the end.

    If the work fails or is stopped none of them does, and what had to be made of the folder is
    removed. The temporary one has a folder :data:`VOICE_FOLDER`.

    Raises
    ------
    InputError
        It can't be made or written, or holds files that are to be kept.
    """
    path = as_path("folder", folder)
    if not overwrite and path.is_dir() and any(path.iterdir()):
        raise InputError(
            f"{path}: holds files, and {no_overwrite_name()} was given; choose another"
        )
    with atomic_folder(path), temporary_folder() as work:
        check_output(path / "before.wav")
        (work / VOICE_FOLDER).mkdir()
        yield path, work
        _bring(work, path)


def _bring(work: Path, path: Path) -> None:
    """Copy the files of ``work`` into the folder ``path``, all or none."""
    with ExitStack() as stack:
        for source in sorted(file for file in work.rglob("*") if _is_result(file)):
            target = path / source.relative_to(work)
            stack.enter_context(atomic_folder(target.parent))
            shutil.copyfile(source, stack.enter_context(atomic_file(target)))


def _is_result(file: Path) -> bool:
    return file.is_file() and not file.name.startswith(".")  # such as the lock of the folder

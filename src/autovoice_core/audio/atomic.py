"""Files and folders that appear only if the work that fills them succeeds."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from autovoice_core._errors import InputError


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path next to ``path``; move it there on success, remove it otherwise.

    Raises
    ------
    InputError
        The folder of ``path`` is missing or can't be written, or ``path`` is a directory.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: is a directory; give the name of a file")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: the folder {path.parent} does not exist; make it first"
        ) from error
    except OSError as error:
        raise InputError(
            f"{path}: can't be written ({error.strerror}); choose another place"
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        # mkstemp makes the file private; give it the permissions that a plain open() would.
        temporary.chmod(0o666 & ~_umask())
        yield temporary
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Make the folder ``path`` and its missing parents; on failure remove what was made.

    Raises
    ------
    InputError
        The folder can't be made.
    """
    path = Path(path)
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{path}: the folder can't be made ({error.strerror}); choose another"
        ) from error
    try:
        yield path
    except BaseException:
        for folder in missing:
            with suppress(OSError):  # another process may have put something into it
                folder.rmdir()
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask

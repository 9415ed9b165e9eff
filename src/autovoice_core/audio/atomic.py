"""Files and folders that appear only if the work that fills them succeeds."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from autovoice_core._arguments import as_flag
from autovoice_core._errors import InputError
from autovoice_core._regular_files import open_regular, refuse_planted_link
from autovoice_core._wording import no_overwrite_name
from autovoice_core.audio.output_stream import (
    is_output_stream,
    is_standard_output,
    open_output_stream,
)
from autovoice_core.audio.temporary import part_file, temporary_folder

_OTHER_PLACE = "choose another place"
_SQLITE = b"SQLite format 3\0"
_REMEDIES = {
    errno.ENOSPC: f"free some space on the disk or {_OTHER_PLACE}",
    errno.EDQUOT: f"free some of your space on the disk or {_OTHER_PLACE}",
    errno.EFBIG: f"raise the limit of a file's size (ulimit -f) or {_OTHER_PLACE}",
}


@contextmanager
def atomic_file(path: str | Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path whose file becomes ``path`` on success and is removed otherwise.

    A link is followed. A file that is replaced keeps its mode and, as far as the system allows,
    its owner; a new one gets the mode that ``open()`` gives. Other hard links to it keep the old
    content. A FIFO, or a device such as ``/dev/null``, is written to in the end.

    Raises
    ------
    InputError
        ``path`` can't be written: see :func:`check_output`; or the disk is full.
    """
    path = Path(path)
    check_output(path, overwrite=overwrite)
    try:
        with _stream(path) if is_output_stream(path) else _replacement(path) as temporary:
            yield temporary
            if not overwrite:
                _refuse_existing(path)
    except OSError as error:
        if error.errno in _REMEDIES and error.filename is None:
            raise write_failure(path, error) from error
        raise


def check_output(path: str | Path, *, overwrite: bool = True) -> None:
    """Check that :func:`atomic_file` can write ``path``, before the work whose result it takes.

    Raises
    ------
    InputError
        The folder of ``path`` is missing or can't be written; ``path`` is a directory, may not be
        written, is a database, or exists though ``overwrite`` is False.
    """
    path, overwrite = Path(path), as_flag("overwrite", overwrite)
    status = _status(path)
    if status is not None and stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path}: is a directory; give the name of a file")
    if status is not None and (stat.S_ISBLK(status.st_mode) or stat.S_ISSOCK(status.st_mode)):
        raise InputError(f"{path}: is a block device or a socket; give the name of a file")
    if status is not None and not os.access(path, os.W_OK):
        raise InputError(f"{path}: may not be written; change its permissions or {_OTHER_PLACE}")
    if is_output_stream(path):
        return
    if status is not None and _is_database(path):
        raise InputError(f"{path}: is a database, such as that of your voices; {_OTHER_PLACE}")
    if not overwrite:
        _refuse_existing(path)
    folder = _target(path).parent
    try:
        with part_file(folder):
            pass
    except OSError as error:
        if not folder.exists():
            raise InputError(
                f"{path}: the folder {folder} does not exist; make it first"
            ) from error
        if not folder.is_dir():
            raise InputError(f"{path}: {folder} is a file, not a folder; {_OTHER_PLACE}") from error
        missing = isinstance(error, FileNotFoundError)  # as in /proc
        reason = "its folder takes no new files" if missing else error.strerror
        raise InputError(f"{path}: can't be written ({reason}); {_OTHER_PLACE}") from error


def check_suffix(path: str | Path, suffixes: Sequence[str], what: str) -> None:
    """Check the suffix of the file ``path`` that ``what``, e.g. ``"a page"``, is written to.

    Raises
    ------
    InputError
        It is none of ``suffixes``, and ``path`` is no FIFO, device or directory.
    """
    path = Path(path)
    if path.suffix.lower() not in suffixes and not path.is_dir() and not is_output_stream(path):
        raise InputError(
            f"{path}: the name of {what} ends in {' or '.join(suffixes)}; "
            f"name it {path.stem}{suffixes[0]}"
        )


def existing_files(*paths: Path | None) -> tuple[Path, ...]:
    """Return those of ``paths`` that are files: what :func:`atomic_file` would replace."""
    return tuple(path for path in paths if path is not None and _is_file(path))


def is_same_file(path: Path, other: Path) -> bool:
    """Return whether ``path``, which is to be written, is the file ``other`` by any name."""
    return _is_file(path) and other.is_file() and path.samefile(other)


def write_failure(path: Path, error: OSError) -> InputError:
    """Return the error of a write to ``path`` that stopped, with what to do."""
    remedy = _REMEDIES.get(error.errno or 0, _OTHER_PLACE)
    return InputError(f"{path}: writing stopped ({error.strerror or error}); {remedy}")


def folder_failure(path: Path, error: OSError) -> InputError:
    """Return the error of the folder ``path``, which can't be made, with what to do."""
    file = next((part for part in (path, *path.parents) if _is_file(part)), None)
    reason = f"{'it' if file == path else file} is a file" if file else error.strerror
    return InputError(f"{path}: the folder can't be made ({reason}); choose another")


def make_folder(path: Path) -> list[Path]:
    """Make the folder ``path`` and its missing parents; return those made, the deepest first.

    Raises
    ------
    InputError
        It can't be made.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise folder_failure(path, error) from error
    return missing


@contextmanager
def atomic_folder(path: str | Path) -> Iterator[Path]:
    """Make the folder ``path`` and its missing parents; on failure remove what was made.

    Raises
    ------
    InputError
        The folder can't be made.
    """
    path = Path(path)
    missing = make_folder(path)
    try:
        yield path
    except BaseException:
        for folder in missing:
            with suppress(OSError):  # another process may have put something into it
                folder.rmdir()
        raise


@contextmanager
def _replacement(path: Path) -> Iterator[Path]:
    """Yield a temporary path in the folder of ``path``, or of what it links to; move it there."""
    target = _target(path)
    with part_file(target.parent) as temporary:
        yield temporary
        replaced = _status(target)
        # A part file is private.
        temporary.chmod(0o666 & ~_umask() if replaced is None else stat.S_IMODE(replaced.st_mode))
        if replaced is not None and hasattr(os, "chown"):
            with suppress(OSError):
                os.chown(temporary, replaced.st_uid, replaced.st_gid)
                temporary.chmod(stat.S_IMODE(replaced.st_mode))  # a change of owner clears bits
        try:
            temporary.replace(target)
        except OSError as error:
            raise write_failure(path, error) from error


@contextmanager
def _stream(path: Path) -> Iterator[Path]:
    """Yield a temporary path, and copy its file to the FIFO or device ``path`` in the end."""
    with open_output_stream(path) as stream, temporary_folder() as folder:
        temporary = folder / "output"
        temporary.touch()
        yield temporary
        try:
            with temporary.open("rb") as content:
                shutil.copyfileobj(content, stream)
            stream.flush()
        except OSError as error:
            with suppress(OSError):  # it holds what could not be written
                stream.close()
            if isinstance(error, BrokenPipeError) and is_standard_output(path):
                raise  # a reader such as `head` has what it wanted
            raise write_failure(path, error) from error


def _status(path: Path) -> os.stat_result | None:
    """Return the status of the file that ``path`` leads to; None if there is none."""
    try:
        refuse_planted_link(path)
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(f"{path}: can't be written ({error.strerror}); {_OTHER_PLACE}") from error


def _target(path: Path) -> Path:
    """Return ``path`` with links followed, which need not lead to a file that exists."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _is_file(path: Path) -> bool:
    status = None if is_output_stream(path) else _status(path)
    return status is not None and stat.S_ISREG(status.st_mode)


def _is_database(path: Path) -> bool:
    """Return whether there is a database of SQLite at ``path``, by whatever name."""
    try:
        with open_regular(path) as file:
            return file.read(len(_SQLITE)) == _SQLITE
    except OSError:
        return False


def _refuse_existing(path: Path) -> None:
    if _is_file(path):
        raise InputError(
            f"{path}: already exists, and {no_overwrite_name()} was given; choose another name"
        )


def _umask() -> int:
    os.umask(mask := os.umask(0o077))
    return mask

"""Temporary files and folders, locked while in use: a run that was killed leaves them unlocked."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from secrets import token_hex

from autovoice_core._errors import AutoVoiceWarning, InputError

if sys.platform != "win32":  # there nothing is locked, and nothing is called abandoned
    import fcntl

PART_SUFFIX = ".part"
"""Suffix of a file that is being written; its name begins with a dot."""
LOCK_NAME = ".lock"
"""The locked file of a temporary folder."""
TEMP_VARIABLES = ("TMPDIR", "TEMP", "TMP")
"""Environment variables that name the folder for temporary files; the first that is set counts."""
MIN_ABANDONED_SECONDS = 60.0
"""Age below which nothing is called abandoned: it may not be locked yet."""

MIN_ABANDONED_ELSEWHERE_SECONDS = 86400.0
"""The same for a file that another machine has written: its lock may not be seen here."""

_ANY_MACHINE = "autovoice-"
# The machine is part of the names, as locks don't reach across every network file system.
_PREFIX = f"{_ANY_MACHINE}{zlib.crc32(platform.node().encode()):08x}-"


@contextmanager
def part_file(folder: Path) -> Iterator[Path]:
    """Yield an empty hidden file in ``folder``, removed afterwards if it is still there.

    Those that a killed run left there are removed too.

    Raises
    ------
    OSError
        The folder does not exist or can't be written.
    """
    for left in abandoned_parts(folder):
        left.unlink(missing_ok=True)
    # Named before it is made, so that an interrupt in between finds it.
    path = folder / f".{_PREFIX}{token_hex(8)}{PART_SUFFIX}"
    try:
        with _locked(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)):
            yield path
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a folder in TMPDIR that is removed afterwards, with what killed runs left there.

    Raises
    ------
    InputError
        No folder for temporary files can be written.
    """
    for left in abandoned_folders():
        shutil.rmtree(left, ignore_errors=True)
    path = _temp_dir() / f"{_PREFIX}{token_hex(8)}"
    try:
        with _locked(_make_folder(path)):
            yield path
    finally:
        try:
            shutil.rmtree(path, ignore_errors=True)
        except KeyboardInterrupt:
            shutil.rmtree(path, ignore_errors=True)
            raise


@contextmanager
def temporary_writes(folder: Path) -> Iterator[None]:
    """Refuse to go on where a file in ``folder``, a temporary one, can't be written, inside.

    Raises
    ------
    InputError
        It can't, as on a full disk.
    """
    try:
        yield
    except OSError as error:
        raise InputError(
            f"{folder}: the temporary files can't grow further ({error.strerror}); free some space "
            "or set TMPDIR to another folder"
        ) from error


def abandoned_parts(folder: Path) -> list[Path]:
    """Return the part files that killed runs of this user and machine left in ``folder``."""
    with suppress(OSError):
        return [part for part in folder.glob(f".{_PREFIX}*{PART_SUFFIX}") if _is_abandoned(part)]
    return []


def remove_abandoned_parts(folder: Path) -> None:
    """Remove what killed runs left at any depth of ``folder``, where nobody else writes now.

    What those of other machines left there is removed once it is a day old.
    """
    for part in folder.rglob(f".{_ANY_MACHINE}*{PART_SUFFIX}"):
        is_ours = part.name.startswith(f".{_PREFIX}")
        if _is_abandoned(part, min_age=0.0 if is_ours else MIN_ABANDONED_ELSEWHERE_SECONDS):
            part.unlink(missing_ok=True)


def abandoned_folders() -> list[Path]:
    """Return the folders that killed runs of this user and machine left in TMPDIR."""
    with suppress(OSError):
        locks = _temp_dir().glob(f"{_PREFIX}*/{LOCK_NAME}")
        return [lock.parent for lock in locks if _is_abandoned(lock)]
    return []


def ignored_temp_dir() -> str | None:
    """Return what is wrong with the folder that is named for temporary files, or None."""
    variable = next((name for name in TEMP_VARIABLES if os.environ.get(name)), None)
    if variable is None or os.access(os.environ[variable], os.W_OK | os.X_OK):
        return None
    return (
        f"{variable}: {os.environ[variable]} is not a folder that can be written, so temporary "
        f"files go to {tempfile.gettempdir()}; name another, or unset it"
    )


@cache
def _warn_once(text: str) -> None:
    warnings.warn(text, AutoVoiceWarning, stacklevel=2)


def _temp_dir() -> Path:
    try:
        if fault := ignored_temp_dir():
            _warn_once(fault)
        return Path(tempfile.gettempdir())
    except OSError as error:
        raise _no_place(error) from error


def _make_folder(path: Path) -> int:
    """Make a folder for this user alone; return the descriptor of its file to lock."""
    try:
        path.mkdir(0o700)
        return os.open(path / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _no_place(error) from error


def _no_place(error: OSError) -> InputError:
    return InputError(
        f"temporary files can't be written ({error.strerror}); set TMPDIR to a folder that can"
    )


@contextmanager
def _locked(handle: int) -> Iterator[None]:
    """Hold the lock of an open file, and close it in the end."""
    if sys.platform == "win32":
        os.close(handle)  # an open file can't be renamed or removed on Windows
        yield
        return
    try:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _is_abandoned(path: Path, min_age: float = MIN_ABANDONED_SECONDS) -> bool:
    """Return whether nobody holds the lock of ``path``, a file of this user."""
    if sys.platform == "win32":
        return False
    try:
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        status = os.fstat(handle)
        young = time.time() - status.st_mtime < min_age
        if young or status.st_uid != os.geteuid():
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)

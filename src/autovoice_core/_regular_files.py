"""Files that are opened once, checked as they are open, and private where we make them."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, TextIO, cast

PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
"""Modes of what nobody else need read, whatever the umask."""

# Nothing waits for the other end of a FIFO or a line, and no terminal becomes ours.
_NO_WAITING = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_BINARY = getattr(os, "O_BINARY", 0)
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""Flag of a file to be opened that is not to be a link."""


def open_regular(path: Path) -> BinaryIO:
    """Return the file at ``path``, open for reading.

    Raises
    ------
    OSError
        There is none, it may not be read, or it is a directory, FIFO, device or socket, as
        ``strerror`` says.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _NO_WAITING | _BINARY)
    except ValueError as error:  # a NUL in it, or a letter that names can't have
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from error
    return _checked(descriptor, path)


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of the content of a file, in hexadecimal digits.

    Raises
    ------
    OSError
        It can't be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_log(path: Path) -> TextIO:
    """Return the file or terminal at ``path``, open for appending text; make it if need be.

    Raises
    ------
    OSError
        It can't be made or written, or is anything else, as ``strerror`` says.
    """
    with suppress(FileNotFoundError):
        _check_kind(path.stat().st_mode, path, terminal=True)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | _NO_WAITING | _BINARY
    descriptor = os.open(path, flags, 0o666)
    try:
        _check_kind(os.fstat(descriptor).st_mode, path, terminal=os.isatty(descriptor))
        if os.isatty(descriptor):
            os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")
    except BaseException:
        os.close(descriptor)
        raise


def open_own(path: Path) -> BinaryIO:
    """Return the file at ``path``, open for reading and writing; make it if need be.

    It is this user's alone: a link or anything else that lies there, planted to have another file
    written, is removed first.

    Raises
    ------
    OSError
        It can't be made or written.
    """
    with suppress(FileNotFoundError):
        status = path.lstat()
        foreign = hasattr(os, "geteuid") and status.st_uid != os.geteuid()
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1 or foreign:
            path.unlink()
    flags = os.O_RDWR | os.O_CREAT | _NO_WAITING | _BINARY | NO_LINK
    return _checked(os.open(path, flags, PRIVATE_FILE), path, "r+b")


def write_own(path: Path, content: str) -> None:
    """Put a file of this user alone at ``path``, in place of whatever lies there.

    Raises
    ------
    OSError
        It can't be written.
    """
    part = path.with_name(f".{token_hex(8)}")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(content)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def refuse_planted_link(path: Path) -> None:
    """Refuse a link by which another user may have a file of ours replaced.

    By the rule of Linux: in a folder that all may write, and in which each removes his own alone,
    links are followed of this user and of the folder's owner.

    Raises
    ------
    OSError
        ``path`` is one, as ``strerror`` says.
    """
    try:
        link, folder = path.lstat(), path.parent.stat()
    except OSError:
        return
    shared = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    known = {folder.st_uid, os.geteuid()} if hasattr(os, "geteuid") else {link.st_uid}
    if stat.S_ISLNK(link.st_mode) and shared and link.st_uid not in known:
        reason = "another user has put a link there, where all may write"
        raise OSError(errno.ELOOP, reason, str(path))


def make_own_folder(folder: Path) -> None:
    """Make ``folder`` and its missing parents for this user alone; leave alone what exists.

    Raises
    ------
    OSError
        It can't be made.
    """
    if folder.is_dir():
        return
    make_own_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(PRIVATE_FOLDER)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def _checked(descriptor: int, path: Path, mode: str = "rb") -> BinaryIO:
    """Return the open file, unless it is no regular one."""
    try:
        _check_kind(os.fstat(descriptor).st_mode, path)
        return cast("BinaryIO", os.fdopen(descriptor, mode))
    except BaseException:
        os.close(descriptor)
        raise


def _check_kind(mode: int, path: Path, *, terminal: bool = False) -> None:
    """Refuse what is no regular file, nor, if ``terminal``, what may be a terminal."""
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(mode) and not (terminal and stat.S_ISCHR(mode)):
        raise OSError(errno.EINVAL, "it is no file but a FIFO, a device or a socket", str(path))

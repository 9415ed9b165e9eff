"""Rights of this user's files: a database that others can read, files that their owner can't."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from shlex import quote

from autovoice_core.cli.doctor.finding import FIX, Finding

NOT_THE_OWNERS = ": its owner may not read and write it"
"""The finding about a file or folder that its owner can't use."""

_OWNER = stat.S_IRUSR | stat.S_IWUSR


def check_rights(folder: Path) -> Iterator[Finding]:
    """Yield wrong rights of the folder of data and of the files in it; none on Windows."""
    if os.name == "nt" or not folder.is_dir():
        return
    # Whom the folder is shared with is up to its owner.
    yield from _check(folder, _OWNER | stat.S_IXUSR, 0)
    for name in ("voices.db", "voices.db-wal", "voices.db-shm"):
        yield from _check(folder / name, _OWNER, stat.S_IRWXG | stat.S_IRWXO)
    yield from _check(folder / "plugins.json", _OWNER, stat.S_IWGRP | stat.S_IWOTH)


def _check(path: Path, needed: int, forbidden: int) -> Iterator[Finding]:
    """Yield what is wrong with the rights of a file, unless it is a link, or missing."""
    try:
        status = path.lstat()
    except OSError:
        return
    if stat.S_ISLNK(status.st_mode):
        return
    if status.st_uid != os.geteuid():
        text = f"{path}: belongs to another user, so its owner decides what may be done with it"
        yield Finding("rights-owner", "warning", text, f'sudo chown "$USER" {quote(str(path))}')
        return
    mode = stat.S_IMODE(status.st_mode)
    right = (mode | needed) & ~forbidden
    if mode == right:
        return

    def mend() -> str:
        path.chmod(right)
        return f"changed the rights of {path} from {mode:03o} to {right:03o}"

    if mode & needed != needed:
        text = f"{path}{NOT_THE_OWNERS} (rights {mode:03o})"
        yield Finding("rights", "problem", text, FIX, mend)
    else:
        private = forbidden & stat.S_IROTH
        may, why = (
            ("read or write", "is personal data")
            if private
            else ("write", "decides which code is run")
        )
        text = f"{path}: other users may {may} it (rights {mode:03o}), and it {why}"
        yield Finding("rights", "warning", text, FIX, mend)

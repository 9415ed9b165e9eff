"""Outputs that are different files, however their names are spelled."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Hashable, Iterable
from contextlib import suppress
from pathlib import Path

from autovoice_core._errors import InputError


def check_distinct(paths: Iterable[Path]) -> None:
    """Check that no two of the ``paths`` to be written are one file, be it through a link.

    Names in one folder that differ in case alone, or in how their letters are composed, are one
    file on some file systems, and are taken for one on all of them.

    Raises
    ------
    InputError
        Two are.
    """
    targets: set[Hashable] = set()
    for path in paths:
        names = _identities(path)
        if names & targets:
            raise InputError(f"{path}: two files would have this name; choose another")
        targets |= names


def is_one_file(path: Path, other: Path) -> bool:
    """Whether two paths are one file, as :func:`check_distinct` takes them."""
    return bool(_identities(path) & _identities(other))


def _identities(path: Path) -> set[Hashable]:
    """Return what two paths have in common, some of it at least, if they are one file."""
    target = Path(os.path.realpath(path))
    status, folder = _status(target), _status(target.parent)
    place = (folder.st_dev, folder.st_ino) if folder is not None else _caseless(target.parent)
    found: set[Hashable] = {(place, _caseless(target.name))}
    return found if status is None else found | {(status.st_dev, status.st_ino)}


def _caseless(name: str | Path) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", str(name)).casefold())


def _status(path: Path) -> os.stat_result | None:
    with suppress(OSError):
        return path.stat()
    return None

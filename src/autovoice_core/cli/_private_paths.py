"""Data without the paths of a user's folders, which tell names and are no concern of others.

People paste what ``--json`` prints into reports of bugs, its tracebacks too.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from autovoice_core._folders import DATA_VARIABLE, KERNELS_VARIABLE
from autovoice_core.backends.weights import FOLDER_VARIABLE

_VARIABLES = (FOLDER_VARIABLE, DATA_VARIABLE, KERNELS_VARIABLE, "TMPDIR")


def without_folders(data: Any) -> Any:
    """Return plain data in whose texts the user's folders are called by short names.

    That is ``$AUTOVOICE_HOME`` and so on where a variable names a folder, and ``~`` for the home.
    Folders of the system, such as ``/usr/bin``, stay as they are.
    """
    labels = dict(_folders())
    if not labels:
        return data
    longest_first = sorted(labels, key=len, reverse=True)
    # Whole names of folders: not the end of another path, nor the beginning of another name.
    pattern = re.compile(rf"(?<![\w.-])({'|'.join(map(re.escape, longest_first))})(?![\w-]|\.\w)")
    return _renamed(data, pattern, labels)


def _renamed(data: Any, pattern: re.Pattern[str], labels: Mapping[str, str]) -> Any:
    if isinstance(data, str):
        return pattern.sub(lambda found: labels[found[0]], data)
    if isinstance(data, Mapping):
        return {name: _renamed(value, pattern, labels) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [_renamed(value, pattern, labels) for value in data]
    return data


def _folders() -> Iterator[tuple[str, str]]:
    """Yield the user's folders and their names; of two names of one folder the last counts."""
    with suppress(RuntimeError):  # a user without a home
        yield from _spellings(Path.home(), "~")
    if sys.prefix != sys.base_prefix:
        yield from _spellings(Path(sys.prefix), "$VIRTUAL_ENV")
    for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep):
        yield from _spellings(Path(folder), "$PYTHONPATH")
    for variable in _VARIABLES:
        yield from _spellings(Path(os.environ.get(variable, "")), f"${variable}")


def _spellings(folder: Path, label: str) -> Iterator[tuple[str, str]]:
    # Neither a path that is no secret, nor the root, which is in every other.
    if folder.is_absolute() and folder.parent != folder:
        yield str(folder), label
        with suppress(OSError, RuntimeError):  # it goes in circles
            yield str(folder.resolve()), label

"""Decisions of the user on plugins, kept in a file: those enabled, and those disabled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._folders import data_folder
from autovoice_core._regular_files import make_own_folder, open_regular, write_own

FILE = "plugins.json"
"""The file, in the folder of data."""
MAX_BYTES = 1_000_000
"""Most bytes of it that are read: a cut file is a damaged one."""


@frozen
class Decisions:
    """Normalised names of the distributions that the user enabled, and of those disabled."""

    enabled: frozenset[str] = frozenset()
    disabled: frozenset[str] = frozenset()


def read_decisions() -> Decisions:
    """Return what the user decided; nothing if there is no file, or no home to look in.

    Raises
    ------
    InputError
        The file is damaged.
    """
    try:
        path = data_folder() / FILE
        with open_regular(path) as file:
            text = file.read(MAX_BYTES + 1).decode()
    except (OSError, InputError):
        return Decisions()
    except UnicodeDecodeError as error:
        raise _damaged(path) from error
    import json  # only where somebody decided something

    try:
        data: Any = json.loads(text)
        lists = [data["enabled"], data["disabled"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise _damaged(path) from error
    if not all(isinstance(names, list) for names in lists) or not all(
        isinstance(name, str) for names in lists for name in names
    ):
        raise _damaged(path)
    return Decisions(*map(frozenset, lists))


def write_decisions(decisions: Decisions) -> Path:
    """Keep ``decisions``, and return the file.

    Raises
    ------
    InputError
        There is no home to keep them in, or the file can't be written.
    """
    import json

    path = data_folder() / FILE
    data = {"enabled": sorted(decisions.enabled), "disabled": sorted(decisions.disabled)}
    try:
        make_own_folder(path.parent)
        write_own(path, json.dumps(data, indent=2) + "\n")
    except OSError as error:
        raise InputError(
            f"{path}: can't be written ({error.strerror}); "
            "choose another folder with AUTOVOICE_HOME, or name plugins in AUTOVOICE_PLUGINS"
        ) from error
    return path


def _damaged(path: Path) -> InputError:
    return InputError(
        f"{path}: not a list of enabled and disabled plugins; delete it and enable them again"
    )

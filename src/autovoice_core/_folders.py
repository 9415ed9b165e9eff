"""Folders of this user: for data, and for compiled kernels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from autovoice_core._errors import InputError
from autovoice_core._regular_files import make_own_folder

DATA_VARIABLE = "AUTOVOICE_HOME"
"""Environment variable that names the folder of data."""
KERNELS_VARIABLE = "NUMBA_CACHE_DIR"
"""Environment variable, of Numba, that names the folder of compiled kernels."""


def data_folder() -> Path:
    """Return the folder that ``AUTOVOICE_HOME`` names, else the platform's for data of ours.

    Raises
    ------
    InputError
        It would lie in the home of a user who has none.
    """
    if named := named_folder(DATA_VARIABLE):
        return named
    import platformdirs

    # Where there is no home, an older release of platformdirs returns "~/...".
    with suppress(RuntimeError):
        folder = platformdirs.user_data_path("autovoice", appauthor=False)
        if folder.is_absolute():
            return folder
    raise InputError(
        "this user has no home folder to keep voices and weights in; "
        f"set {DATA_VARIABLE} to another folder"
    )


def named_folder(variable: str) -> Path | None:
    """Return the folder that an environment variable names, or None.

    Raises
    ------
    InputError
        It would lie in the home of a user who has none.
    """
    named = os.environ.get(variable)
    try:
        return Path(named).expanduser() if named else None
    except RuntimeError as error:
        raise InputError(
            f"{variable}: {named}: there is no such user, or no home folder; give a whole path"
        ) from error


def kernel_folder(source: Path) -> Path | None:
    """Return the folder in which the kernels compiled from the module ``source`` are kept.

    It is the first that this user can write, and nobody else: the one that ``NUMBA_CACHE_DIR``
    names, ``__pycache__`` beside the module, one in our folder of the user's caches, and one in the
    temporary folder. None: there is no such folder, and kernels are compiled in every process.
    """
    return next((folder for folder in _kernel_folders(source) if _can_write(folder)), None)


def _kernel_folders(source: Path) -> Iterator[Path]:
    if named := os.environ.get(KERNELS_VARIABLE):
        yield Path(named)
    yield source.parent / "__pycache__"
    import platformdirs

    with suppress(RuntimeError):  # a user without a home
        cache = platformdirs.user_cache_path("autovoice", appauthor=False)
        if cache.is_absolute():
            yield cache / "kernels"
    with suppress(OSError):
        import tempfile

        private = Path(tempfile.gettempdir()) / f"autovoice-kernels-{_user_id()}"
        if not private.is_symlink():  # others may make one there
            yield private


def _can_write(folder: Path) -> bool:
    """Return whether this user can make files in ``folder``, made if need be, and nobody else."""
    try:
        import tempfile  # only where kernels are compiled

        make_own_folder(folder)
        # What lies in it is unpickled and run.
        if _others_can_write(folder):
            return False
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _others_can_write(folder: Path) -> bool:
    status = folder.stat()
    foreign = status.st_uid not in {_user_id(), 0} or status.st_mode & 0o022
    return os.name != "nt" and bool(foreign)


def _user_id() -> int:
    return os.geteuid() if hasattr(os, "geteuid") else 0

"""The folder that a demo writes to."""

from __future__ import annotations

from pathlib import Path

from autovoice_core._arguments import PathLike, as_path
from autovoice_core._errors import InputError
from autovoice_core._wording import no_overwrite_name
from autovoice_core.audio.atomic import folder_failure

VOICE_FOLDER = "voice"
"""Name of the folder within it for recordings of the second voice."""


def made_folder(folder: PathLike, *, overwrite: bool) -> Path:
    """Make the folder of a demo, and return its path.

    Raises
    ------
    InputError
        It can't be made, or holds files that are to be kept.
    """
    path = as_path("folder", folder)
    if not overwrite and path.is_dir() and any(path.iterdir()):
        raise InputError(
            f"{path}: holds files, and {no_overwrite_name()} was given; choose another"
        )
    try:
        (path / VOICE_FOLDER).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise folder_failure(path, error) from error
    return path

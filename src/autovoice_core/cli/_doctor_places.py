"""The places that ``autovoice doctor`` looks at: where voices, weights and other files are kept."""

from __future__ import annotations

import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from autovoice_core._errors import AutoVoiceError, InputError
from autovoice_core._folders import KERNELS_VARIABLE, kernel_folder
from autovoice_core.audio.temporary import ignored_temp_dir
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.weights import models_folder
from autovoice_core.voices.database import require_writable
from autovoice_core.voices.storage import VoiceProfileStorage


@frozen
class Place:
    """A folder or file that AutoVoice writes.

    Attributes
    ----------
    holds
        What is kept there.
    path
        Where it is, or would be; None if nowhere.
    problem
        What is wrong with it, as a sentence, or None.
    note
        What to know of it, as the end of a sentence, or empty.
    """

    holds: str
    path: Path | None
    problem: str | None = None
    note: str = ""


def find_places(catalogue: Catalogue) -> tuple[Place, ...]:
    """Return the places of this user, and of the backends' compiled kernels."""
    return (_voices(), _weights(), _temporary(), *_kernels(catalogue))


def _voices() -> Place:
    try:
        storage = VoiceProfileStorage()
    except InputError as error:
        return Place("voices", None, str(error))
    try:
        storage.list()
        require_writable(storage.path)
    except AutoVoiceError as error:
        return Place("voices", storage.path, str(error))
    return Place("voices", storage.path)


def _weights() -> Place:
    try:
        return Place("weights", models_folder())
    except InputError as error:
        return Place("weights", None, str(error))


def _temporary() -> Place:
    try:
        return Place("temporary", Path(tempfile.gettempdir()), ignored_temp_dir())
    except OSError as error:
        text = f"temporary files can't be written ({error.strerror}); set TMPDIR to a folder"
        return Place("temporary", None, text)


def _kernels(catalogue: Catalogue) -> list[Place]:
    """Return where kernels compiled by Numba are kept, once for each package that has some."""
    packages = {
        entry.offer.load.partition(":")[0].partition(".")[0]
        for entry in catalogue.offers
        if "numba" in entry.offer.imports
    }
    specs = [find_spec(package) for package in sorted(packages)]
    return [_kernels_of(Path(spec.origin)) for spec in specs if spec and spec.origin]


def _kernels_of(source: Path) -> Place:
    folder, named = kernel_folder(source), os.environ.get(KERNELS_VARIABLE)
    remedy = f"set {KERNELS_VARIABLE} to a folder that can be written"
    if folder is None:
        text = (
            "compiled kernels can't be kept, so every process spends seconds on compiling them: "
            f"neither {source.parent}, nor a folder of this user's, nor the one for temporary "
            f"files can be written by this user alone; {remedy}"
        )
        return Place("kernels", None, text)
    if named and folder != Path(named):
        text = (
            f"{KERNELS_VARIABLE}: {named} can't be written by this user alone, so kernels are "
            f"kept in {folder}"
        )
        return Place("kernels", folder, f"{text}; {remedy}")
    if folder.parent == Path(tempfile.gettempdir()):
        note = (
            ", as neither their package nor a home can be written; "
            f"{KERNELS_VARIABLE} names another"
        )
        return Place("kernels", folder, note=note)
    return Place("kernels", folder)

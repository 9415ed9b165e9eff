"""The places where voices, weights, temporary files and compiled kernels are kept."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from attrs import frozen

from autovoice_core._errors import InputError
from autovoice_core._folders import DATA_VARIABLE, KERNELS_VARIABLE, data_folder, kernel_folder
from autovoice_core.audio.temporary import ignored_temp_dir
from autovoice_core.backends.plugins.entry import Catalogue
from autovoice_core.backends.weights import FOLDER_VARIABLE, format_file_size, models_folder
from autovoice_core.cli.doctor.finding import FIX, Finding, Severity

DATABASE = "voices.db"
"""Name of the file of voices in the folder of data."""

LEAST_BYTES = {"voices": 20 * 10**6, "weights": 200 * 10**6, "temporary": 10**9}
"""Free space below which something is said of each place, in bytes."""

_VARIABLES = {"voices": DATA_VARIABLE, "weights": FOLDER_VARIABLE, "temporary": "TMPDIR"}


@frozen
class Place:
    """A folder or file that AutoVoice writes.

    Attributes
    ----------
    holds
        What is kept there.
    path
        Where it is, or would be; None if nowhere.
    note
        What to know of it, as the end of a sentence, or empty.
    findings
        What is wrong with it.
    """

    holds: str
    path: Path | None
    note: str = ""
    findings: tuple[Finding, ...] = ()


def find_places(catalogue: Catalogue) -> tuple[Place, ...]:
    """Return the places of this user, and of the backends' compiled kernels."""
    return (_voices(), _weights(), _temporary(), *_kernels(catalogue))


def existing_folder(path: Path) -> Path:
    """Return ``path``, or the nearest folder above it that exists."""
    return next(folder for folder in (path, *path.absolute().parents) if os.path.exists(folder))  # noqa: PTH110  # never raises


def may_write(path: Path) -> bool:
    """Return whether this user can write a file, or make files in a folder."""
    effective = os.access in os.supports_effective_ids
    return os.access(path, os.W_OK, effective_ids=effective)


def _voices() -> Place:
    try:
        folder = data_folder()
    except InputError as error:
        return Place("voices", None, findings=(_no_home(error, "voices"),))
    findings = [*_missing(folder), *_full("voices", folder, "problem")]
    return Place("voices", folder / DATABASE, findings=tuple(findings))


def _weights() -> Place:
    try:
        folder = models_folder()
    except InputError as error:
        return Place("weights", None, findings=(_no_home(error, "weights"),))
    findings = [*_read_only(folder), *_full("weights", folder, "warning")]
    return Place("weights", folder, findings=tuple(findings))


def _temporary() -> Place:
    try:
        folder, ignored = Path(tempfile.gettempdir()), ignored_temp_dir()
    except OSError as error:
        text = f"temporary files can't be written ({error.strerror}); set TMPDIR to a folder"
        finding = Finding("temporary-folder", "problem", text, _elsewhere("temporary"))
        return Place("temporary", None, findings=(finding,))
    findings = list(_full("temporary", folder, "warning"))
    if ignored:
        findings.append(Finding("temporary-folder", "problem", ignored, "unset TMPDIR TEMP TMP"))
    return Place("temporary", folder, findings=tuple(findings))


def _no_home(error: InputError, holds: str) -> Finding:
    return Finding("no-home", "problem", str(error), _elsewhere(holds))


def _missing(folder: Path) -> Iterator[Finding]:
    if folder.exists():
        return

    def make() -> str:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return f"made the folder {folder}"

    text = f"{folder}: is not there yet; it is made when the first voice is added"
    if may_write(existing_folder(folder)):
        yield Finding("data-folder-missing", "note", text, FIX, make)


def _read_only(folder: Path) -> Iterator[Finding]:
    if not may_write(existing_folder(folder)):
        text = f"{folder}: can't be written, so weights that are there are used, and none are added"
        yield Finding("weights-read-only", "warning", text, _elsewhere("weights"))


def _full(holds: str, folder: Path, severity: Severity) -> Iterator[Finding]:
    free, least = shutil.disk_usage(existing_folder(folder)).free, LEAST_BYTES[holds]
    if free < least:
        text = (
            f"{folder}: the disk is nearly full, with {format_file_size(free)} free where "
            f"{holds} take {format_file_size(least)} and more; free some space, or set "
            f"{_VARIABLES[holds]} to a folder on another disk"
        )
        yield Finding("disk-full", severity, text, _elsewhere(holds))


def _elsewhere(holds: str) -> str:
    return f"export {_VARIABLES[holds]}=/path/to/another/folder"


def _kernels(catalogue: Catalogue) -> list[Place]:
    """Return where kernels compiled by Numba are kept, once for each package that has some."""
    return [_kernels_of(source) for source in kernel_sources(catalogue)]


def kernel_sources(catalogue: Catalogue) -> list[Path]:
    """Return the ``__init__.py`` of each package of plugins that has kernels compiled by Numba."""
    packages = {
        entry.offer.load.partition(":")[0].partition(".")[0]
        for entry in catalogue.offers
        if "numba" in entry.offer.imports
    }
    specs = [find_spec(package) for package in sorted(packages)]
    return [Path(spec.origin) for spec in specs if spec and spec.origin]


def _kernels_of(source: Path) -> Place:
    folder, named = kernel_folder(source), os.environ.get(KERNELS_VARIABLE)
    advice = f"set {KERNELS_VARIABLE} to a folder that can be written"
    remedy = f'export {KERNELS_VARIABLE}="$HOME/.cache/autovoice-kernels"'
    if folder is None:
        text = (
            "compiled kernels can't be kept, so every process spends seconds on compiling them: "
            f"neither {source.parent}, nor a folder of this user's, nor the one for temporary "
            f"files can be written by this user alone; {advice}"
        )
        return Place("kernels", None, findings=(Finding("kernels", "problem", text, remedy),))
    if named and folder != Path(named):
        text = (
            f"{KERNELS_VARIABLE}: {named} can't be written by this user alone, so kernels are "
            f"kept in {folder}; {advice}"
        )
        return Place("kernels", folder, findings=(Finding("kernels", "problem", text, remedy),))
    if folder.parent == Path(tempfile.gettempdir()):
        note = (
            ", as neither their package nor a home can be written; "
            f"{KERNELS_VARIABLE} names another"
        )
        return Place("kernels", folder, note)
    return Place("kernels", folder)

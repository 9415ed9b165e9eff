"""The store of weights: one folder for each file, safe for any number of processes.

``<models>/demucs/htdemucs/955717e8.safetensors`` lies next to a ``weights.json`` that describes it.
The whole store may be copied to another machine.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import asdict

from autovoice_core._arguments import PathLike, as_path
from autovoice_core._errors import AutoVoiceWarning, InputError, ModelError
from autovoice_core._regular_files import (
    PRIVATE_FILE,
    make_own_folder,
    open_regular,
    write_own,
)
from autovoice_core._types import Progress
from autovoice_core._variables import variable_switch
from autovoice_core.backends.plugins.registry import current_registry
from autovoice_core.backends.weights import OFFLINE_VARIABLE, Weights
from autovoice_core.models.checksum import (
    BLOCK_BYTES,
    file_fault,
    space_fault,
)
from autovoice_core.models.download import discard, download, note_of, part_of
from autovoice_core.models.stored import resolve


def get(
    weights: str | Weights,
    *,
    source: PathLike | None = None,
    offline: bool | None = None,
    progress: Progress | None = None,
) -> Path:
    """Download weights to the store and return their file; do nothing if it is there and intact.

    Parameters
    ----------
    weights
        Their name, or their record.
    source
        A file, or a folder such as another machine's store, to copy them from instead of
        downloading.
    offline
        Whether downloads are forbidden; by default as ``AUTOVOICE_OFFLINE`` says.
    progress
        Called with the fraction done.

    Raises
    ------
    ModelError
        They are unknown, can't be downloaded or written, or are not as pinned. An unfinished
        download is kept for the next call.
    InputError
        ``source`` does not exist or is another file, or the variable is neither on nor off.
    """
    weights = resolve(weights)
    if offline is None:
        offline = variable_switch(OFFLINE_VARIABLE)
    # A folder of weights that are complete need not be one that can be written.
    if _is_intact(weights):
        return weights.place
    with _locked(weights):
        if _is_intact(weights):
            return weights.place
        if source is None and offline:
            raise ModelError(
                f"{weights.name}: downloads are forbidden (--offline or {OFFLINE_VARIABLE}); "
                f"download {weights.url} on another machine and run "
                f"`autovoice models get {weights.name} --from FILE`"
            )
        if source is None:
            _install(download(weights, progress), weights)
        else:
            _install(_copy(as_path("source", source), weights, progress), weights)
        discard(weights)
    current_registry().forget_choices()
    return weights.place


def remove(weights: str | Weights) -> bool:
    """Delete weights and any unfinished download of them; return whether there were any.

    Raises
    ------
    ModelError
        They are unknown, or can't be deleted.
    """
    weights = resolve(weights)
    folder = weights.place.parent
    try:
        if not folder.is_dir():
            return False
    except OSError as error:  # e.g. its name is too long
        raise _unwritable(weights, error) from error
    with _locked(weights):
        found = [file for file in _files(weights) if os.path.lexists(file)]
        for file in found:
            file.unlink()
    current_registry().forget_choices()
    with suppress(OSError):  # the folder holds other files
        _lock_of(weights).unlink()
        folder.rmdir()
        folder.parent.rmdir()
    return bool(found)


def _is_intact(weights: Weights) -> bool:
    return weights.is_here() and file_fault(weights.place, weights) is None


def _files(weights: Weights) -> tuple[Path, ...]:
    return (weights.place, _card_of(weights), part_of(weights), note_of(weights))


def _card_of(weights: Weights) -> Path:
    return weights.place.with_name("weights.json")


def _lock_of(weights: Weights) -> Path:
    return weights.place.with_name(".lock")


@contextmanager
def _locked(weights: Weights) -> Iterator[None]:
    """Hold the lock of these weights; the system releases that of a process that dies."""
    import filelock

    folder = weights.place.parent
    try:
        make_own_folder(folder)
        lock = filelock.FileLock(_lock_of(weights), mode=PRIVATE_FILE)
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            text = (
                f"{weights.name}: another process is using these weights; waiting for it to finish"
            )
            warnings.warn(text, AutoVoiceWarning, stacklevel=4)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
    except OSError as error:
        raise _unwritable(weights, error) from error


def _unwritable(weights: Weights, error: OSError) -> ModelError:
    return ModelError(
        f"{weights.name}: {weights.place.parent} can't be written ({error.strerror}); free space "
        "or set AUTOVOICE_MODELS to another folder, and run the same command again"
    )


def _copy(source: Path, weights: Weights, progress: Progress | None) -> Path:
    """Return a checked copy of the file that ``source`` is or holds, in the store's folder."""
    candidates = (source, source / weights.file, source / weights.name / weights.file)
    file = next((path for path in candidates if path.is_file()), None)
    if file is None:
        what = f"holds no {weights.file}" if source.is_dir() else "does not exist or is not a file"
        raise InputError(f"{source}: {what}; give the file of {weights.url}")
    fault = file_fault(file, weights, progress)
    if fault:
        raise InputError(f"{file} {fault}; give the file of {weights.url}")
    folder = weights.place.parent
    fault = space_fault(shutil.disk_usage(folder).free, weights.size, folder)
    if fault:
        raise ModelError(f"{weights.name} {fault}")
    handle, name = tempfile.mkstemp(prefix=".copy-", dir=folder)
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, open_regular(file) as stream:
            shutil.copyfileobj(stream, out, BLOCK_BYTES)
        # The source may have changed since it was checked, so the copy is checked too.
        fault = file_fault(copy, weights)
        if fault:
            raise InputError(f"{file} changed while it was copied; give it again")
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _install(file: Path, weights: Weights) -> None:
    """Move a checked file to its place, written to the disk before it appears there."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
    file.chmod(PRIVATE_FILE)
    file.replace(weights.place)
    card = {**asdict(weights), "file": weights.file}
    write_own(_card_of(weights), json.dumps(card, indent=2, ensure_ascii=False) + "\n")

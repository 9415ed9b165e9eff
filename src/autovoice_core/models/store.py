"""The folder of weights: one folder for each, safe for any number of processes.

``<models>/demucs/htdemucs/955717e8.safetensors`` is beside a ``weights.json`` that says what it is.
The whole folder may be carried to another machine.
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

from autovoice_core._errors import AutoVoiceWarning, InputError, ModelError
from autovoice_core._types import Progress
from autovoice_core.backends.weights import Weights
from autovoice_core.models.checking import CHUNK, fault_of, short_of_space
from autovoice_core.models.download import discard, download, note_of, part_of
from autovoice_core.models.listing import find

OFFLINE = "AUTOVOICE_OFFLINE"
"""Environment variable that forbids downloads, unless it is empty or 0."""


def get(
    weights: str | Weights,
    *,
    source: str | Path | None = None,
    offline: bool | None = None,
    progress: Progress | None = None,
) -> Path:
    """Put weights in their place, and return it; do nothing if they are there and whole.

    Parameters
    ----------
    weights
        Their name, or the record.
    source
        A file, or a folder such as another machine's folder of weights, to take them from instead
        of downloading.
    offline
        Whether downloads are forbidden; by default what ``AUTOVOICE_OFFLINE`` says.
    progress
        Told the fraction done.

    Raises
    ------
    ModelError
        They are unknown, can't be fetched or written, or are not what was pinned. What came of a
        download is kept for the next call.
    InputError
        ``source`` is missing or something else.
    """
    weights = _record(weights)
    if offline is None:
        offline = os.environ.get(OFFLINE, "") not in {"", "0"}
    with _alone(weights):
        if weights.is_here() and fault_of(weights.place, weights) is None:
            return weights.place
        if source is None and offline:
            raise ModelError(
                f"{weights.name}: downloads are forbidden (--offline or {OFFLINE}); fetch "
                f"{weights.url} on another machine and run "
                f"`autovoice models get {weights.name} --from FILE`"
            )
        if source is None:
            _settle(download(weights, progress), weights)
        else:
            _settle(_copied(Path(source), weights, progress), weights)
        discard(weights)
    return weights.place


def path(weights: str | Weights) -> Path:
    """Return the file of weights that are here.

    Raises
    ------
    ModelError
        They are unknown, or not here.
    """
    weights = _record(weights)
    if not weights.is_here():
        raise ModelError(
            f"the weights {weights} are not in {weights.place}; "
            f"run `autovoice models get {weights.name}`"
        )
    return weights.place


def verify(weights: str | Weights, *, progress: Progress | None = None) -> Path:
    """Return the file of weights after comparing every bit of it with the pinned hash.

    Raises
    ------
    ModelError
        They are unknown, not here, or damaged.
    """
    weights = _record(weights)
    file = path(weights)
    fault = fault_of(file, weights, progress)
    if fault:
        raise ModelError(
            f"{file} {fault}; run `autovoice models get {weights.name}` to get it again"
        )
    return file


def remove(weights: str | Weights) -> bool:
    """Delete weights, and what an unfinished download of them left; return whether any were here.

    Raises
    ------
    ModelError
        They are unknown, or can't be deleted.
    """
    weights = _record(weights)
    folder = weights.place.parent
    if not folder.is_dir():
        return False
    with _alone(weights):
        found = [file for file in _files(weights) if file.exists()]
        for file in found:
            file.unlink()
    with suppress(OSError):  # something of somebody else's lies there
        _lock_of(weights).unlink()
        folder.rmdir()
        folder.parent.rmdir()
    return bool(found)


def _record(weights: str | Weights) -> Weights:
    return weights if isinstance(weights, Weights) else find(weights).weights


def _files(weights: Weights) -> tuple[Path, ...]:
    return (weights.place, _card_of(weights), part_of(weights), note_of(weights))


def _card_of(weights: Weights) -> Path:
    return weights.place.with_name("weights.json")


def _lock_of(weights: Weights) -> Path:
    return weights.place.with_name(".lock")


@contextmanager
def _alone(weights: Weights) -> Iterator[None]:
    """Wait until no other process is at these weights; the system frees a dead one's lock."""
    import filelock

    folder = weights.place.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(_lock_of(weights))
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            text = f"{weights.name}: another process is at it; waiting for it to finish"
            warnings.warn(text, AutoVoiceWarning, stacklevel=4)
            lock.acquire()
        try:
            yield
        finally:
            lock.release()
    except OSError as error:
        raise ModelError(
            f"{weights.name}: {folder} can't be written ({error.strerror}); make room or set "
            "AUTOVOICE_MODELS to another folder, and run the same command again"
        ) from error


def _copied(source: Path, weights: Weights, progress: Progress | None) -> Path:
    """Return a checked copy of the file that ``source`` is or holds, beside its place."""
    candidates = (source, source / weights.file, source / weights.name / weights.file)
    file = next((path for path in candidates if path.is_file()), None)
    if file is None:
        what = f"holds no {weights.file}" if source.is_dir() else "does not exist or is no file"
        raise InputError(f"{source}: {what}; give the file of {weights.url}")
    fault = fault_of(file, weights, progress)
    if fault:
        raise InputError(f"{file} {fault}; give the file of {weights.url}")
    folder = weights.place.parent
    problem = short_of_space(shutil.disk_usage(folder).free, weights.size, folder)
    if problem:
        raise ModelError(f"{weights.name} {problem}")
    handle, name = tempfile.mkstemp(prefix=".copy-", dir=folder)
    copy = Path(name)
    try:
        with os.fdopen(handle, "wb") as out, file.open("rb") as stream:
            shutil.copyfileobj(stream, out, CHUNK)
        # The source may have changed since it was checked: what counts is the copy.
        fault = fault_of(copy, weights)
        if fault:
            raise InputError(f"{file} changed while it was copied; give it again")
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    return copy


def _settle(file: Path, weights: Weights) -> None:
    """Move a checked file to its place, whole on the disk before it is seen there."""
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
    file.chmod(0o644)
    file.replace(weights.place)
    card = {**asdict(weights), "file": weights.file}
    _card_of(weights).write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")

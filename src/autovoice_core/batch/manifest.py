"""``Manifest``: a line of JSON for each song that a batch has ended, whole after a crash."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import filelock
from attrs import asdict, field, fields, frozen
from attrs.validators import deep_iterable, instance_of, optional

from autovoice_core._errors import AutoVoiceWarning, InputError
from autovoice_core._regular_files import NO_LINK, open_regular
from autovoice_core.audio.atomic import make_folder, write_failure
from autovoice_core.batch.work import texts

NAME = "autovoice-batch.jsonl"
"""Name of the file, in the folder of results."""
VERSION = 1
"""Of the format of its lines."""


_TEXT, _NUMBER = instance_of(str), instance_of(int)


@frozen
class Record:
    """The end of one song; a later record of the same song replaces it.

    Attributes
    ----------
    song
        Place of the song below the folder of results.
    path
        The file it was read from.
    size, mtime_ns
        Of that file: while they stay, its content is taken to be the same.
    input, settings
        SHA-256 of the file, None if it can't be read, and of all else that the result depends on.
    outputs
        Sizes of the files that were written, by their place below the folder of results.
    error, passing
        A sentence if it failed, and whether the next batch tries again in any case.
    made_by, warnings, seconds, worker, finished
        The backends, what was warned of, the time it took, machine and process, and the date.
    """

    song: str = field(validator=_TEXT)
    path: str = field(validator=_TEXT)
    size: int = field(validator=_NUMBER)
    mtime_ns: int = field(validator=_NUMBER)
    input: str | None = field(validator=optional(_TEXT))
    settings: str = field(validator=_TEXT)
    outputs: Mapping[str, int] = field(validator=instance_of(dict))
    error: str | None = field(default=None, validator=optional(_TEXT))
    passing: bool = False
    made_by: tuple[str, ...] = field(default=(), converter=texts, validator=deep_iterable(_TEXT))
    warnings: tuple[str, ...] = field(default=(), converter=texts, validator=deep_iterable(_TEXT))
    seconds: float = field(default=0.0, validator=instance_of((int, float)))
    worker: str = field(default="", validator=_TEXT)
    finished: str = field(default="", validator=_TEXT)


_FIELDS = {each.name for each in fields(Record)}


class Manifest:
    """The records of a folder of results, by song.

    Parameters
    ----------
    folder
        The folder of results.

    Attributes
    ----------
    path
        The file.
    records
        The last record of each song.

    Raises
    ------
    InputError
        The file can't be read.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self.records: dict[str, Record] = {}
        self._descriptor: int | None = None
        self._whole_bytes = self._read()
        if self._unknown_lines:
            warnings.warn(
                f"{self.path}: {self._unknown_lines} line{'s' * (self._unknown_lines > 1)} can't "
                "be read, so the songs of these are done again",
                AutoVoiceWarning,
                stacklevel=2,
            )

    @contextmanager
    def locked(self) -> Iterator[Self]:
        """Keep other batches out of the folder, which is made, and let records be added.

        Raises
        ------
        InputError
            The folder can't be made or written, or another batch is at work in it.
        """
        folder = self.path.parent
        make_folder(folder)
        lock = filelock.FileLock(folder / f".{NAME}.lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise InputError(
                f"{folder}: another batch is writing there; wait for it, or choose another folder"
            ) from error
        except OSError as error:
            raise write_failure(self.path, error) from error
        try:
            self._whole_bytes = self._read()  # another batch may have ended just now
            self._open()
            yield self
        finally:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None
            lock.release()

    def add(self, record: Record) -> None:
        """Write a record, which outlives a crash of the machine once this returns.

        Raises
        ------
        InputError
            It can't be written.
        """
        assert self._descriptor is not None, "the manifest is not locked"  # noqa: S101
        left = f"{json.dumps({'version': VERSION, **asdict(record)})}\n".encode()
        try:
            while left:  # a disk that gets full takes a part
                left = left[os.write(self._descriptor, left) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise write_failure(self.path, error) from error
        self.records[record.song] = record

    def _read(self) -> int:
        """Take the records of the file; return the bytes of its whole lines.

        A line that was being written when the machine went down has no end.
        """
        try:
            with open_regular(self.path) as file:
                content = file.read()
        except (FileNotFoundError, NotADirectoryError):
            content = b""
        except OSError as error:
            raise InputError(
                f"{self.path}: can't be read ({error.strerror}); change its permissions"
            ) from error
        whole = content.rfind(b"\n") + 1
        parsed = [_parsed(line) for line in content[:whole].splitlines()]
        self.records = {record.song: record for record in parsed if record is not None}
        self._unknown_lines = parsed.count(None)
        return whole

    def _open(self) -> None:
        """Open the file to add to its whole lines."""
        # Where others can write to the folder, a link would let them have another file changed.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0) | NO_LINK
        try:
            self._descriptor = os.open(self.path, flags, 0o666)
            os.ftruncate(self._descriptor, self._whole_bytes)
        except OSError as error:
            raise write_failure(self.path, error) from error


def _parsed(line: bytes) -> Record | None:
    """Return the record of a line, None if it is of another version or damaged."""
    try:
        found: dict[str, Any] = json.loads(line)
        if found.pop("version") != VERSION:
            return None
        return Record(**{name: value for name, value in found.items() if name in _FIELDS})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None

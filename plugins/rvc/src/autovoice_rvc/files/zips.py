"""Zips of shared voices, read within limits; nothing is unpacked by the name that it has there."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from attrs import field, frozen

from autovoice_core import ModelError
from autovoice_core._printable import printable
from autovoice_core._regular_files import open_regular
from autovoice_core.backends.weights import format_file_size
from autovoice_rvc.files.index import check_size

MAX_MEMBERS = 1000
MAX_READ = 1 << 20
"""Most bytes that are read at a time: of a zip's directory, all."""
MAX_RATIO = 100
"""Most bytes that a byte may unpack to; weights and vectors hardly shrink at all."""
FREE_BYTES = 1 << 20
"""Bytes that a member may unpack to in any case, as texts do."""

_ENCRYPTED = 1


@frozen
class Member:
    """A file in a zip."""

    archive: Path
    entry: ZipInfo = field(eq=False)

    @property
    def name(self) -> str:
        """Its own name, without those of folders."""
        return self.entry.filename.rpartition("/")[2]

    @property
    def path(self) -> Path:
        """Where it is, for messages."""
        return self.archive / printable(self.entry.filename)

    def read(self, max_bytes: int, advice: str) -> bytes:
        """Return its content.

        Raises
        ------
        ModelError
            It has more than ``max_bytes``, or is damaged.
        """
        if self.entry.file_size > max_bytes:
            raise ModelError(
                f"{self.path}: it has {format_file_size(self.entry.file_size)}, more than the "
                f"{format_file_size(max_bytes)} that are read of such a file; {advice}"
            )
        unpacked = io.BytesIO()
        self._unpack(unpacked)
        return unpacked.getvalue()

    def beginning(self, count: int) -> bytes:
        """Return its first bytes, none if they can't be read."""
        with suppress(ModelError), self._opened() as stream:
            return stream.read(min(count, MAX_READ))
        return b""

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Unpack it into a file without a name, open for reading inside the block.

        Raises
        ------
        ModelError
            It is too large, or damaged.
        """
        check_size(self.entry.file_size, self.path)
        with TemporaryFile() as unpacked:
            self._unpack(unpacked)
            unpacked.seek(0)
            yield cast("BinaryIO", unpacked)

    def _unpack(self, to: IO[bytes]) -> None:
        """Write all of it: never more than it says, as zipfile sees to that, nor less."""
        with self._opened() as stream:
            shutil.copyfileobj(stream, to, MAX_READ)
            if to.tell() != self.entry.file_size:
                raise BadZipFile("it is shorter than it says")

    @contextmanager
    def _opened(self) -> Iterator[IO[bytes]]:
        _check(self)
        with (
            _reading(self.path),
            _opened(self.archive) as archive,
            archive.open(self.entry) as stream,
        ):
            yield stream


def is_zip(stream: BinaryIO) -> bool:
    """Whether an open file begins as a zip."""
    stream.seek(0)
    return stream.read(4) in {b"PK\x03\x04", b"PK\x05\x06"}


def is_torch_archive(stream: BinaryIO) -> bool:
    """Whether an open zip is a model of PyTorch, or so damaged that it may have been one."""
    try:
        with ZipFile(_Bounded(stream)) as archive:
            return any(name.endswith("data.pkl") for name in archive.namelist())
    except Exception:  # noqa: BLE001  # of damaged files, zipfile raises what its code happens to
        return True


def members(path: Path) -> tuple[Member, ...]:
    """Return the files in a zip, but not what is hidden.

    Raises
    ------
    ModelError
        It is damaged, holds too many files, or two of one name.
    """
    with _reading(path), _opened(path) as archive:
        entries = archive.infolist()
    if len(entries) > MAX_MEMBERS:
        raise ModelError(
            f"{path}: holds {len(entries):,} files, more than the {MAX_MEMBERS:,} that are looked "
            "at; give the model's own file"
        )
    names = [entry.filename for entry in entries]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ModelError(
            f"{path}: holds two files {printable(twice)[:100]}, so that nobody knows which is "
            "meant; unpack it, and give the model's own file"
        )
    found = (Member(path, entry) for entry in entries if entry.filename[-1:] not in "/")
    return tuple(member for member in found if not _is_hidden(member))


def _is_hidden(member: Member) -> bool:
    parts = member.entry.filename.split("/")
    return "__MACOSX" in parts or any(part.startswith(".") and part.strip(".") for part in parts)


def _check(member: Member) -> None:
    entry, path = member.entry, member.path
    if entry.flag_bits & _ENCRYPTED:
        raise ModelError(f"{path}: needs a password; unpack the zip, and give the folder")
    if entry.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise ModelError(
            f"{path}: is packed in a way that is not read; unpack the zip, and give the folder"
        )
    if entry.file_size > MAX_RATIO * entry.compress_size + FREE_BYTES:
        raise ModelError(
            f"{path}: would unpack to {format_file_size(entry.file_size)} from "
            f"{format_file_size(entry.compress_size)}, as no voice does; don't trust this zip"
        )


@contextmanager
def _opened(path: Path) -> Iterator[ZipFile]:
    with open_regular(path) as stream, ZipFile(_Bounded(stream)) as archive:
        yield archive


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Turn whatever zipfile raises into a :class:`ModelError`."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # of damaged files, it raises what its code happens to
        reason = printable(str(error))[:200] or type(error).__name__
        raise ModelError(f"{path}: can't be unpacked ({reason}); download it again") from error


class _Bounded(io.RawIOBase):
    """A file of which nobody reads much at a time, whatever size a zip's directory claims."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size if 0 <= size <= MAX_READ else MAX_READ + 1)
        if len(content) > MAX_READ:
            raise BadZipFile("its directory is too large")
        return content

"""Checks of PyTorch's archives, before and after PyTorch reads them."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from autovoice_core.models.torch_pickles import MAX_PICKLE_BYTES, check_pickle

_END = struct.Struct("<4s4H2LH")
"""The end record: signature, two disks, entries on this one and in all, size and place of the
directory, length of a comment."""
_LOCATOR = struct.Struct("<4sLQL")
"""The locator of the large end record: signature, disk, place, disks."""
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
"""The large end record, with signature, own size, versions, disks; then as in the end record."""


def check_archive(content: bytes) -> None:
    """Refuse an archive that readers understand differently, or whose contents are none of ours.

    PyTorch stores arrays uncompressed, each in an entry of its own, and a pickle that names them.

    Raises
    ------
    zipfile.BadZipFile
        It is no such archive.
    pickle.UnpicklingError
        Its pickle holds more than state dicts do.
    """
    _check_ends(content)
    with ZipFile(BytesIO(content)) as archive:
        entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if unpacked > len(content):
            raise BadZipFile(f"it would unpack to {unpacked} bytes")
        if any(entry.compress_type != ZIP_STORED for entry in entries):
            raise BadZipFile("its entries are compressed")
        names = [entry.filename.lower() for entry in entries]
        # PyTorch's reader ignores case: data/ab would be loaded again as data/AB.
        if not all(name.rpartition("/data/")[2].isdecimal() for name in names if "/data/" in name):
            raise BadZipFile("it holds arrays that have no number")
        pickles = [
            entry for entry, name in zip(entries, names, strict=True) if name.endswith("/data.pkl")
        ]
        if len(pickles) != 1:
            raise BadZipFile(f"it holds {len(pickles):,} files data.pkl, not 1")
        if pickles[0].file_size > MAX_PICKLE_BYTES:
            raise BadZipFile(
                f"its data.pkl has {pickles[0].file_size:,} bytes, more than the "
                f"{MAX_PICKLE_BYTES:,} that are read"
            )
        check_pickle(archive.read(pickles[0]))


def _check_ends(content: bytes) -> None:
    """Refuse what does not begin with an entry and end with the one directory of all of them.

    Elsewhere, each reader looks for the directory in its own way, and can be shown another.
    """
    if not content.startswith(b"PK\x03\x04"):
        raise BadZipFile("it does not begin as one")
    end = len(content) - _END.size
    signature, *_, size, start, comment = _END.unpack_from(content, max(end, 0))
    if signature != b"PK\x05\x06" or comment:
        raise BadZipFile("it does not end as one")
    locator = end - _LOCATOR.size
    if content.startswith(b"PK\x06\x07", max(locator, 0)):
        end = locator - _LARGE_END.size
        signature, *_, large_size, large_start = _LARGE_END.unpack_from(content, max(end, 0))
        if (
            signature != b"PK\x06\x06"
            or _LOCATOR.unpack_from(content, locator)[2] != end
            or size not in {large_size, 0xFFFFFFFF}
            or start not in {large_start, 0xFFFFFFFF}
        ):
            raise BadZipFile("its ends contradict each other")
        size, start = large_size, large_start
    if start + size != end or not content.startswith(b"PK\x01\x02", start):
        raise BadZipFile("its directory is not where it should be")


def check_tensors(loaded: Any) -> None:
    """Refuse tensors of more bytes than are stored for them, such as one number repeated.

    Raises
    ------
    ValueError
        ``loaded`` holds such a tensor.
    """
    import torch

    left, seen = [loaded], {id(loaded)}
    while left:
        value = left.pop()
        if isinstance(value, torch.Tensor):
            needed, stored = value.numel() * value.element_size(), value.untyped_storage().nbytes()
            if needed > stored:
                raise ValueError(f"a tensor has {needed:,} bytes, of which {stored:,} are stored")
        elif isinstance(value, dict | list | tuple):
            inner = [*value.values()] if isinstance(value, dict) else value
            new = {id(each): each for each in inner if id(each) not in seen}
            seen |= new.keys()
            left += new.values()

"""Words of a pickle that is not loaded: enough to tell what program wrote it."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

MAX_PICKLE_BYTES = 1 << 22
MAX_ENTRIES = 10_000
"""Most entries of an archive that is looked into."""
MAX_STEPS = 100_000
"""Most opcodes that are looked at."""
MAX_WORD = 100
PICKLES = 4
"""Pickles at the head of PyTorch's old format; the last one holds the contents."""


def words(content: bytes) -> frozenset[str]:
    """Return the names of classes ("module.name") and the short texts in the pickles of a file.

    The file is a pickle, PyTorch's old format or its archive. What can't be followed ends it.
    """
    found: set[str] = set()
    try:
        for step, word in enumerate(_words(_pickle_of(content))):
            if step > MAX_STEPS:
                break
            if len(word) <= MAX_WORD:
                found.add(word)
    except Exception:  # noqa: BLE001  # of damaged files, readers raise what their code happens to
        return frozenset(found)
    return frozenset(found)


def _pickle_of(content: bytes) -> bytes:
    if not content.startswith(b"PK"):
        return content[:MAX_PICKLE_BYTES]
    # Not by the number that the archive states, which nobody believes.
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        return b""
    with ZipFile(BytesIO(content)) as archive:
        for entry in archive.infolist():
            stored = entry.compress_type == ZIP_STORED and entry.file_size <= MAX_PICKLE_BYTES
            if entry.filename.endswith("data.pkl") and stored:
                return archive.read(entry)
    return b""


def _words(content: bytes) -> Iterator[str]:
    """Yield something for every opcode, so that they can be counted."""
    stream = BytesIO(content)
    for _ in range(PICKLES):
        texts = ["", ""]
        for opcode, argument, _ in pickletools.genops(stream):
            if opcode.name == "STACK_GLOBAL":
                yield ".".join(texts)
            elif isinstance(argument, str):
                texts = [texts[1], argument]
                yield argument.replace(" ", ".", 1) if opcode.name == "GLOBAL" else argument
            else:
                yield ""

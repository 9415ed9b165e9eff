"""The parts of a sound file, by its format."""

from __future__ import annotations

import re
from pathlib import Path

from autovoice_core.audio.formats import flac, ogg
from autovoice_core.audio.formats.chunks import LAYOUTS
from autovoice_core.audio.formats.containers import AU_ORDERS, au_parts, container_parts
from autovoice_core.audio.formats.flac import flac_parts
from autovoice_core.audio.formats.kinds import HEAD_BYTES, media_kind
from autovoice_core.audio.formats.mp3 import MAX_JUNK_BYTES, after_tags, find_frame, mp3_parts
from autovoice_core.audio.formats.ogg import ogg_parts
from autovoice_core.audio.formats.part import Part, read_at

_NIST_MAGIC = b"NIST"
_NIST_HEADER_BYTES = 1024
_NIST_LENGTH = re.compile(rb"^sample_count -i (\d+)", re.M)


def parts_of(path: Path, name: str) -> tuple[Part, ...]:
    """Return the parts of the file at ``path``; ``name`` is what messages call it.

    A file of another format, or none at all, is one part.

    Raises
    ------
    InputError
        The file is cut off or damaged.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        magic = read_at(file, 0, 4)
        if magic in LAYOUTS:
            return container_parts(path, file, size, name)
        if magic in AU_ORDERS:
            return au_parts(path, file, size, name)
        if magic == _NIST_MAGIC:
            stated = _NIST_LENGTH.search(read_at(file, 0, _NIST_HEADER_BYTES))
            return (Part(path, (range(size),), int(stated[1]) if stated else None),)
        if magic == ogg.MAGIC:
            return ogg_parts(path, file, size, name)
        start = after_tags(file)
        if read_at(file, start, 4) == flac.MAGIC:
            return flac_parts(path, file, start, size, name)
        # Films hold MPEG audio, too, among other things.
        is_media = media_kind(read_at(file, start, HEAD_BYTES)) is not None
        if not is_media and find_frame(file, start, min(start + MAX_JUNK_BYTES, size)) is not None:
            return mp3_parts(path, file, 0, size, name)
    return (Part(path, (range(size),), counted=False),)

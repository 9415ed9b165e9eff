"""XML of others as a tree, read piece by piece, within limits that a hostile file would pass."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from autovoice_core._errors import InputError
from autovoice_core._printable import shortened

MAX_ITEMS = 500_000
"""Most elements and attributes, together; each takes up to 1 kB of memory."""
MAX_TAG_BYTES = 1 << 20
"""Longest tag or comment: expat holds one whole, with all of its attributes, before it tells."""
PIECE_BYTES = 1 << 16
"""Bytes that are parsed at once."""


def parse_xml(pieces: Iterable[bytes], name: str) -> Element:
    """Return the root of a document; ``name`` is what messages call it.

    A DOCTYPE may name a definition elsewhere, which is not read. It must not declare anything
    itself: entities and attributes by default grow without end.

    Raises
    ------
    InputError
        It is damaged, has declarations or passes a limit.
    """
    builder, parser = TreeBuilder(), expat.ParserCreate()
    items = 0

    def refuse(*_: object) -> None:
        raise InputError(
            f"{name}: its DOCTYPE holds declarations, which no score needs; save it again"
        )

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal items
        items += 1 + len(attributes)
        if items > MAX_ITEMS:
            raise InputError(
                f"{name}: holds more than {MAX_ITEMS} elements and attributes; give a melody alone"
            )
        builder.start(tag, attributes)

    parser.EntityDeclHandler = refuse
    parser.AttlistDeclHandler = refuse
    parser.ElementDeclHandler = refuse
    parser.NotationDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.buffer_text = True  # else each line comes singly
    try:
        passed = 0
        for piece in pieces:
            parser.Parse(piece, False)
            passed += len(piece)
            if passed - parser.CurrentByteIndex > MAX_TAG_BYTES:
                raise InputError(
                    f"{name}: a tag is longer than {MAX_TAG_BYTES} bytes; save it again"
                )
        parser.Parse(b"", True)
        return builder.close()
    except (expat.ExpatError, AssertionError, LookupError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        fault = shortened(str(error), 200)  # it may quote the file
        raise InputError(f"{name}: is no XML, or damaged ({fault}); save it again") from error

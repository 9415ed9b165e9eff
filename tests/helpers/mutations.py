"""Mutations of files: other bytes and numbers, and pieces that are cut, repeated or left out."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from hypothesis import strategies as st

NUMBERS = (
    0,
    1,
    2,
    3,
    255,
    256,
    768,
    2**16,
    2**31 - 1,
    2**32 - 1,
    2**40,
    2**63 - 1,
    2**63,
    2**64 - 1,
)


@st.composite
def mutated(draw: st.DrawFn, originals: Sequence[bytes], places: Sequence[Sequence[int]]) -> bytes:
    """Return one of the originals, changed; mostly at its own ``places``, which matter most."""
    number = draw(st.integers(0, len(originals) - 1))
    content = bytearray(originals[number])
    for _ in range(draw(st.integers(1, 5))):
        where = st.one_of(st.sampled_from(places[number]), st.integers(0, max(len(content) - 1, 0)))
        place = min(draw(where), len(content))
        kind = draw(st.sampled_from(["byte", "byte", "number", "number", "cut", "repeat", "leave"]))
        if kind == "byte":
            content[place : place + 1] = bytes([draw(st.integers(0, 255))])
        elif kind == "number":
            value = draw(st.one_of(st.sampled_from(NUMBERS), st.integers(0, 20)))
            size = draw(st.sampled_from([4, 8]))
            content[place : place + size] = struct.pack("<Q", value)[:size]
        elif kind == "cut":
            del content[place:]
        else:
            end = place + draw(st.integers(1, 64))
            content[place:end] = content[place:end] * (2 if kind == "repeat" else 0)
    return bytes(content)

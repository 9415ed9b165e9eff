"""Long sentences are cut where a speaker would pause."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_speech.cutting import shorten


@pytest.mark.parametrize(
    ("sentence", "pieces"),
    [
        ("short enough", ["short enough"]),
        ("one, two; three, four", ["one, two;", "three, four"]),
        ("a clause that is long, and one", ["a clause that", "is long,", "and one"]),
        ("unbreakableasitis word", ["unbreakableasit", "is", "word"]),
    ],
)
def test_it_is_cut_at_clauses_then_at_words_then_anywhere(sentence: str, pieces: list[str]) -> None:
    assert shorten(sentence, 15) == pieces


@given(st.text(alphabet="ab ,;\n", max_size=200), st.integers(1, 20))
def test_nothing_but_space_is_lost_and_no_piece_is_too_long(sentence: str, limit: int) -> None:
    pieces = shorten(sentence, limit)
    assert "".join("".join(pieces).split()) == "".join(sentence.split())
    assert all(len(piece) <= limit for piece in pieces)

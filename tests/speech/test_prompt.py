from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spoken import speech_of

from autovoice_core import TTSPipeline
from autovoice_core.speech.prompt import (
    FIRST_CHARACTERS,
    FIRST_SILENCE,
    GROWTH,
    Piece,
    prompt_pieces,
)

LONG = (
    "the quick brown fox jumps over a dog, and runs through the forest while the sun "
    "is setting behind the hills, where all the birds that sing in the trees fall silent"
)


def test_a_long_beginning_is_cut_between_clauses_with_a_short_pause() -> None:
    pieces = list(prompt_pieces([LONG]))
    assert [piece.text for piece in pieces] == [
        "the quick brown fox jumps over a dog,",
        "and runs through the forest while the sun is setting behind the hills,",
        "where all the birds that sing in the trees fall silent",
    ]
    assert [(piece.before, piece.after) for piece in pieces] == [
        (FIRST_SILENCE, 0.1),
        (0.1, 0.1),
        (0.1, None),
    ]


def test_without_clauses_it_is_cut_between_words() -> None:
    pieces = list(prompt_pieces([LONG.replace(",", "")]))
    assert pieces[0] == Piece("the quick brown fox jumps over a dog and", FIRST_SILENCE, 0.02)
    assert pieces[-1].after is None


def test_short_sentences_and_those_that_there_is_time_for_stay_whole() -> None:
    short = ["One.", "Two, three."]
    assert list(prompt_pieces(short)) == [Piece("One.", FIRST_SILENCE), Piece("Two, three.")]
    assert list(prompt_pieces(["A word. " * 6 + "End."] * 2))[-1] == Piece("A word. " * 6 + "End.")


@given(st.lists(st.text("ab ,.", min_size=1, max_size=300), max_size=4))
def test_no_word_is_lost_and_no_piece_is_late(sentences: list[str]) -> None:
    pieces = [piece.text for piece in prompt_pieces(sentences)]
    assert " ".join(pieces).split() == " ".join(sentences).split()
    said = 0
    for piece in pieces:
        limit = max(FIRST_CHARACTERS, GROWTH * said)
        assert len(piece) <= 1.2 * limit or not any(
            map(str.isspace, piece[15 : int(limit)].strip())
        )
        said += len(piece)


def test_silence_at_the_cuts_is_shortened() -> None:
    speech = speech_of("me so")
    lead = speech.phones[0]
    assert lead.kind == "pause"
    whole = Piece("me so").spoken_as(speech)
    assert whole == speech.audio
    cut = Piece("me so", before=0.01).spoken_as(speech)
    assert whole.duration - cut.duration == pytest.approx(lead.end - 0.01, abs=1e-3)


def test_the_same_words_are_said_in_pieces() -> None:
    pipeline, text = (
        TTSPipeline(),
        "me so la re me so la re me so la re me so la re me so la re, so",
    )
    whole = list(pipeline.say_sentences(text))
    pieces = list(pipeline.say_sentences(text, prompt=True))
    assert (len(whole), len(pieces)) == (1, 2)

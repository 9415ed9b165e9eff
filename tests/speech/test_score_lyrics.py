from __future__ import annotations

from pathlib import Path

import pytest

from autovoice_core import InputError, TTSPipeline
from autovoice_core.speech.lyrics import LyricWord
from autovoice_core.speech.score import ScoreNote
from autovoice_core.speech.score_lyrics import as_lyrics, words_of


def notes(*lyrics: str) -> list[ScoreNote]:
    return [ScoreNote(i, i + 1, 60, 1 + i // 2, lyric) for i, lyric in enumerate(lyrics)]


def test_syllables_become_words_with_the_notes_that_they_hold() -> None:
    assert words_of(notes("Glo-", "", "", "ri-", "a", "now", ""), "t.xml") == "Glo__-ri-a now_"


def test_words_on_one_note_are_joined() -> None:
    assert words_of(notes("in the eve-", "ning"), "t.csv") == "in ~the ~eve-ning"


def test_a_score_that_gives_a_word_fewer_notes_than_syllables_is_sung(tmp_path: Path) -> None:
    path = tmp_path / "tune.csv"
    path.write_text("start,end,note,lyric\n0,1,60,melo\n1,2,62,nona\n2,3,60,\n")
    pipeline = TTSPipeline()
    assert pipeline.sing(path, path) == pipeline.sing("me~lo no-na", path)


def test_a_table_holds_lyrics_in_a_column(tmp_path: Path) -> None:
    path = tmp_path / "tune.csv"
    path.write_text("start,end,note,lyric\n0,1,60,me-\n1,2,62,lo\n2,3,62,\n3,4,60,so\n")
    divided = (("me",), ("lo",))
    assert as_lyrics(path) == [
        [LyricWord("melo", (0, 1), divided, fitted=True), LyricWord("so", (0,), fitted=True)]
    ]
    assert as_lyrics("so") == [[LyricWord("so", (0,))]]
    pipeline = TTSPipeline()
    assert pipeline.sing(path, path) == pipeline.sing("me-lo_ so", path)


@pytest.mark.parametrize(
    ("lyrics", "message"),
    [
        (("", "la"), "the note at bar 1 comes before the first syllable; give the lyrics as text"),
        (("", ""), "holds no words; give the lyrics as text"),
    ],
)
def test_scores_whose_words_can_t_be_sung_are_refused(
    lyrics: tuple[str, ...], message: str
) -> None:
    with pytest.raises(InputError) as caught:
        words_of(notes(*lyrics), "t.xml")
    assert str(caught.value) == f"t.xml: {message}"

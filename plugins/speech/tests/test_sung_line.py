"""The syllables of lyrics as hibari speaks them: of the demo's line, of hums and of joined ones."""

from __future__ import annotations

import pytest

from autovoice_core import InputError
from autovoice_core._speech import Speech
from autovoice_core.demo.sung_line import LINE, lyrics_of
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.syllables import Syllable, syllables_of
from autovoice_speech.hibari import Hibari, open_hibari


@pytest.fixture(scope="module")
def engine() -> Hibari:
    return open_hibari(device="cpu", dtype="float32")


def syllables(engine: Hibari, lyrics: str) -> list[Syllable]:
    (words,) = parse_lyrics(lyrics)
    text = " ".join(word.text for word in words)
    spoken = Speech.join([engine.speak(each, "en") for each in engine.sentences(text, "en")])
    return syllables_of(spoken, words)


def test_each_syllable_of_the_line_has_a_note(engine: Hibari) -> None:
    assert len(syllables(engine, lyrics_of(LINE))) == len(LINE)


@pytest.mark.parametrize(
    ("lyrics", "notes"),
    [
        ("fi~re", [1]),
        ("heav~en", [1]),
        ("flow~er", [1]),
        ("the ~eve-ning", [1, 1]),
        ("in-ter-est-ing", [1, 2, 1]),
        ("ev-ery", [1, 1]),
        ("mmm", [1]),
        ("hmm_", [2]),
        ("rock-'n'-roll", [1, 1, 1]),
    ],
)
def test_lyrics_are_sung_on_the_notes_that_they_are_written_for(
    engine: Hibari, lyrics: str, notes: list[int]
) -> None:
    assert [each.notes for each in syllables(engine, lyrics)] == notes


@pytest.mark.parametrize("lyrics", ["shh", "brrr", "tsk"])
def test_sounds_without_a_hum_are_refused(engine: Hibari, lyrics: str) -> None:
    with pytest.raises(InputError) as caught:
        syllables(engine, lyrics)
    assert str(caught.value) == (
        f"lyrics: {lyrics!r} was spelled out, as it has no vowel; write it as it sounds, or in "
        "capitals to have it spelled"
    )

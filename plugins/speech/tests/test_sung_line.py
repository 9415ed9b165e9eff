"""The line of ``autovoice demo --sing``, whose words hibari must speak in as many syllables."""

from __future__ import annotations

from autovoice_core._speech import Speech
from autovoice_core.demo.sung_line import LINE, lyrics_of
from autovoice_core.speech.lyrics import parse_lyrics
from autovoice_core.speech.syllables import syllables_of
from autovoice_speech.hibari import open_hibari


def test_each_syllable_of_the_line_has_a_note() -> None:
    engine = open_hibari(device="cpu", dtype="float32")
    (words,) = parse_lyrics(lyrics_of(LINE))
    text = " ".join(word.text for word in words)
    spoken = Speech.join([engine.speak(each, "en") for each in engine.sentences(text, "en")])
    assert len(syllables_of(spoken, words)) == len(LINE)

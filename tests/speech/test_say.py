from __future__ import annotations

from typing import Any

import pytest
from spoken import speech_of

from autovoice_core import (
    Audio,
    InputError,
    SingingVoiceConverter,
    TTSPipeline,
    VoiceProfile,
)
from autovoice_core._errors import ArgumentError
from autovoice_core.speech.say import WORD_STRENGTH, named_text


@pytest.fixture
def styles(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The styles of the conversions that are asked for, none of which is made."""
    asked: list[dict[str, Any]] = []

    def told(_: SingingVoiceConverter, audio: Audio, voice: VoiceProfile, **options: Any) -> Audio:
        asked.append(options)
        return audio

    monkeypatch.setattr(SingingVoiceConverter, "convert", told)
    return asked


def test_speech_and_song_keep_their_pitch_and_are_converted_in_part(
    voice: VoiceProfile, styles: list[dict[str, Any]]
) -> None:
    TTSPipeline(voice).say("me so")
    TTSPipeline(voice).sing("me so", [(0.5, 1.0, 60), (1.0, 1.5, 62)])
    assert [asked["key"] for asked in styles] == [0, 0]
    assert [asked["strength"] for asked in styles] == [WORD_STRENGTH, WORD_STRENGTH]


def test_what_is_given_is_done(voice: VoiceProfile, styles: list[dict[str, Any]]) -> None:
    TTSPipeline(voice).say("me so", key="auto", strength=0.9)
    assert styles[0]["key"] == 12
    assert styles[0]["strength"] == 0.9


def test_all_sentences_have_the_key_of_the_first(
    voice: VoiceProfile, styles: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline, pitches = TTSPipeline(voice), iter([450.0, 200.0])
    monkeypatch.setattr(pipeline, "_spoken", lambda *_: speech_of("me so", next(pitches)))
    pipeline.say("One. Two.", key="auto-semitone")
    assert styles[0]["key"] == styles[1]["key"] != 0


def test_what_an_engine_says_of_its_text_names_the_argument() -> None:
    with pytest.raises(ArgumentError) as caught, named_text("lyrics"):
        raise InputError("text: 'П' is not Latin; spell it")
    assert str(caught.value) == "lyrics: 'П' is not Latin; spell it"
    with pytest.raises(InputError, match=r"^language: no$"), named_text("lyrics"):
        raise InputError("language: no")

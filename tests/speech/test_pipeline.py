from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    InputError,
    SingingPitchExtractor,
    TTSPipeline,
    VoiceProfile,
    using,
)
from autovoice_core._speech import Speech


def test_text_is_said_in_the_engine_s_own_voice() -> None:
    said = TTSPipeline().say("Hello there. So it is.")
    assert [made.operation for made in said.made_by] == ["speech"]
    assert said.duration > 1.0
    assert TTSPipeline().languages == {"en"}


def test_a_sentence_can_be_heard_before_the_next_one_is_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipeline, spoken = TTSPipeline(), []
    speak = pipeline._spoken

    def told(sentence: str, language: str, seed: int) -> Speech:
        spoken.append(sentence)
        return speak(sentence, language, seed)

    monkeypatch.setattr(pipeline, "_spoken", told)
    sentences = pipeline.say_sentences("One. Two. Three.")
    next(sentences)
    assert spoken == ["One."]
    assert len(list(sentences)) == 2


def test_a_stored_voice_says_and_sings(voice: VoiceProfile) -> None:
    pipeline = TTSPipeline(voice)
    said = pipeline.say("me")
    assert [made.operation for made in said.made_by] == ["speech", "pitch", "conversion"]
    song = pipeline.sing("me", [(0.2, 0.8, 64)])
    assert [made.operation for made in song.made_by][-1] == "conversion"
    pitch = SingingPitchExtractor().extract(song)
    held = pitch.voiced & (pitch.times > 0.3) & (pitch.times < 0.7)
    assert held.sum() > 20
    assert 69 + 12 * np.log2(np.median(pitch.f0[held]) / 440) == pytest.approx(64, abs=0.1)


def test_an_accompaniment_gets_the_key_that_the_voice_got(
    voice: VoiceProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []

    def mixed(voice: Audio, source: object, *, key: float, threads: int) -> Audio:
        keys.append(key)
        return voice

    monkeypatch.setattr("autovoice_core.speech.pipeline.over_accompaniment", mixed)
    backing = Audio(np.zeros((1, 16_000), np.float32), 16_000)
    for singer, options in ((voice, {"key": -3.0}), (voice, {"key": "auto-semitone"}), (None, {})):
        TTSPipeline(singer).sing("me", [(0, 1, 64)], accompaniment=backing, **options)
    assert keys[0] == -3.0
    assert keys[1] == pytest.approx(round(keys[1]))
    assert keys[1] != 0
    assert keys[2] == 0.0


def test_progress_reaches_the_end_and_is_reported_by_sentence() -> None:
    done: list[float] = []
    TTSPipeline().say("One. Two.", progress=done.append)
    assert done == [0.5, 1.0]
    TTSPipeline().sing("me", [(0, 0.5, 60)], progress=done.append)
    assert done[-1] == 1.0


def test_vibrato_of_the_style_multiplies_that_of_the_expression() -> None:
    pipeline = TTSPipeline()
    straight = pipeline.sing("me", [(0, 1.5, 60)], vibrato=0)
    assert straight != pipeline.sing("me", [(0, 1.5, 60)], vibrato=2)


@pytest.mark.parametrize(
    ("call", "options", "message"),
    [
        ("say", {"text": "…"}, "text: it holds no word; give text with letters or digits"),
        (
            "say",
            {"text": "a", "formant": 1},
            "formant: changes the conversion to a voice; name a voice, or omit it",
        ),
        (
            "sing",
            {"lyrics": "a", "notes": [(0, 1, 60)], "key": 2},
            "key: changes the conversion to a voice; name a voice, or omit it",
        ),
        (
            "sing",
            {"lyrics": "a", "notes": [(0, 1, 60)], "expression": 5},
            "expression: 5 is not a Expression; give one or omit it",
        ),
        (
            "sing",
            {"lyrics": "a", "notes": [(0, 1, 60)], "accompaniment": 3},
            "accompaniment: 3 is not sound; give Audio(samples, sample_rate) or the path of a "
            "sound file",
        ),
    ],
)
def test_what_can_t_be_done_is_refused(call: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        getattr(TTSPipeline(), call)(**options)
    assert str(caught.value) == message


def test_a_language_that_no_engine_speaks_is_refused() -> None:
    with pytest.raises(InputError, match=r"^language: .* does not speak 'tlh', but en; "):
        TTSPipeline().say("nuqneH", language="tlh")


def test_the_engine_can_be_named() -> None:
    with using(speech="reference/speller"):
        assert TTSPipeline().chosen.provenance.backend == "reference/speller"

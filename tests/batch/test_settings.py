from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from autovoice_core import Style, VoiceProfile
from autovoice_core.batch.songs import Song
from autovoice_core.batch.voices import BatchVoices, digest_of
from autovoice_core.batch.work import Settings
from autovoice_core.voices.serialization import loads

PLAIN = Settings("convert", {"key": 2, "suffix": None}, "0" * 64, {"pitch": "cpu/nccf"}, {})


@pytest.mark.parametrize(
    "change",
    [
        {"task": "separate"},
        {"options": {"key": 3, "suffix": None}},
        {"options": {"key": 2, "suffix": ".wav"}},
        {"options": {"key": 2, "suffix": None, "stems": True}},
        {"voice": "1" * 64},
        {"voice": None},
        {"backends": {"pitch": "cpu/praat"}},
        {"backends": {}},
        {"settings": {"pitch.threshold": 0.3}},
    ],
)
def test_the_digest_changes_with_all_that_a_result_depends_on(change: dict[str, Any]) -> None:
    assert evolve(PLAIN, **change).digest != PLAIN.digest


def test_the_digest_depends_on_no_order() -> None:
    other = evolve(PLAIN, options=dict(reversed(PLAIN.options.items())))
    assert list(other.options) != list(PLAIN.options)
    assert other.digest == PLAIN.digest


@pytest.mark.parametrize(
    "change", [{"name": "Bo"}, {"consent": "by letter"}, {"provenance": "a choir"}]
)
def test_the_digest_of_a_voice_is_that_of_what_is_heard(
    voice: VoiceProfile, change: dict[str, Any]
) -> None:
    assert digest_of(evolve(voice, **change)) == digest_of(voice)


@pytest.mark.parametrize(
    "change",
    [
        {"style": Style(key=2)},
        {"loudness": -30.0},
        {"settings": {"reference/retrieval": {"k": 3}}},
    ],
)
def test_the_digest_of_a_voice_changes_with_what_it_says_of_singing(
    voice: VoiceProfile, change: dict[str, Any]
) -> None:
    assert digest_of(evolve(voice, **change)) != digest_of(voice)


def test_the_digest_of_a_voice_changes_with_its_features(voice: VoiceProfile) -> None:
    name, values = next(iter(voice.features.items()))
    other = values.copy()
    other.flat[0] += 1
    changed = evolve(voice, features={**voice.features, name: other})
    assert digest_of(changed) != digest_of(voice)


def test_each_voice_is_looked_up_and_kept_once(voice: VoiceProfile) -> None:
    asked: list[str | None] = []

    def voice_of(song: Song) -> VoiceProfile | None:
        asked.append(song.voice)
        return {"Ada": voice, "Bo": evolve(voice, loudness=-30.0), "Al": voice}.get(song.voice or "")

    voices = BatchVoices(voice_of)
    names = ["Ada", "Bo", None, "Ada", "Al", None]
    songs = [Song(path, "s", name) for name in names for path in [__file__]]  # type: ignore[arg-type]
    digests = [voices.digest(song) for song in songs]
    assert asked == ["Ada", "Bo", None, "Al"]
    ada, bo = digest_of(voice), digest_of(evolve(voice, loudness=-30.0))
    assert digests == [ada, bo, None, ada, ada, None]
    assert set(voices.contents) == {ada, bo}
    assert digest_of(loads(voices.contents[bo], "the voice")) == bo

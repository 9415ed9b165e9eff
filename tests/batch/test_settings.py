from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve
from batch_runs import ada

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
    other = evolve(PLAIN, options={name: PLAIN.options[name] for name in ("suffix", "key")})
    assert list(other.options) != list(PLAIN.options)
    assert other.digest == PLAIN.digest


@pytest.mark.parametrize(
    "change", [{"name": "Bo"}, {"consent": "by letter"}, {"provenance": "a choir"}]
)
def test_the_digest_of_a_voice_is_that_of_what_is_heard(change: dict[str, Any]) -> None:
    assert digest_of(ada(**change)) == digest_of(ada())


@pytest.mark.parametrize(
    "change",
    [
        {"style": Style(key=2)},
        {"loudness": -30.0},
        {"settings": {"reference/retrieval": {"k": 3}}},
    ],
)
def test_the_digest_of_a_voice_changes_with_what_it_says_of_singing(
    change: dict[str, Any],
) -> None:
    assert digest_of(ada(**change)) != digest_of(ada())


def test_the_digest_of_a_voice_changes_with_its_features() -> None:
    name, values = next(iter(ada().features.items()))
    other = values.copy()
    other.flat[0] += 1
    changed = ada(features={name: other})
    assert digest_of(changed) != digest_of(ada())


def test_each_voice_is_looked_up_and_kept_once() -> None:
    asked: list[str | None] = []

    def voice_of(song: Song) -> VoiceProfile | None:
        asked.append(song.voice)
        return {"Ada": ada(), "Bo": ada(loudness=-30.0), "Al": ada()}.get(song.voice or "")

    voices = BatchVoices(voice_of)
    names = ["Ada", "Bo", None, "Ada", "Al", None]
    songs = [Song(path, "s", name) for name in names for path in [__file__]]  # type: ignore[arg-type]
    digests = [voices.digest(song) for song in songs]
    assert asked == ["Ada", "Bo", None, "Al"]
    one, two = digest_of(ada()), digest_of(ada(loudness=-30.0))
    assert digests == [one, two, None, one, one, None]
    assert set(voices.contents) == {one, two}
    assert digest_of(loads(voices.contents[two], "the voice")) == two

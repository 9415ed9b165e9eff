"""The English voice: what it says, when, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path

import hibari
import numpy as np
import pytest

from autovoice_core import InputError, ModelError
from autovoice_speech import hibari as engine
from autovoice_speech.hibari import Hibari, open_hibari, read_network, with_output


@pytest.fixture(scope="module")
def speaker() -> Hibari:
    return open_hibari(device="cpu", dtype="float32")


def test_it_sounds_as_its_own_package_makes_it(speaker: Hibari) -> None:
    text = "The sun is in the sky."
    ours = speaker.speak(text, "en", seed=3).audio
    theirs = hibari.Hibari()(text, seed=3)
    np.testing.assert_allclose(ours.numpy()[0], theirs, atol=1e-4)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Twenty-five, don't you?", ["Twenty-five", "don't", "you"]),
        ('"Yes," he (really) said…', ["Yes", "he", "really", "said"]),
        ("½ cup at 7:30", ["one", "half", "cup", "at", "seven", "thirty"]),
        ("naïve café", ["naïve", "café"]),
        ("A cat 🐈 sat\non it", ["A", "cat", "sat", "on", "it"]),
    ],
)
def test_every_word_is_spoken(speaker: Hibari, text: str, words: list[str]) -> None:
    assert [word.text for word in speaker.speak(text, "en").words] == words


@pytest.mark.parametrize("mark", [", ", "; ", "… ", " - "])
@pytest.mark.parametrize("first", ["look", "stop", "cat", "big", "bad", "club", "arch", "mix"])
def test_a_pause_follows_any_stop(speaker: Hibari, first: str, mark: str) -> None:
    for following in ("run.", "you know.", "see me.", "put it down."):
        words = speaker.speak(f"{first}{mark}{following}", "en").words
        assert " ".join(word.text for word in words) == f"{first} {following}".rstrip(".")


def test_a_long_piece_is_spoken_in_parts_without_a_gap_in_time(speaker: Hibari) -> None:
    speech = speaker.speak("word " * 90, "en")
    assert len(speech.words) == 90
    assert speech.phones[-1].end == pytest.approx(speech.audio.duration)


def test_titles_and_initials_end_no_sentence(speaker: Hibari) -> None:
    text = "Dr. J. Smith left. Why?"
    assert speaker.sentences(text, "en") == ["Dr. J. Smith left.", "Why?"]


REFUSALS = {
    "hello 你好": (
        "text: '你' (cjk unified ideograph-4f60) is not of the Latin script, in which English is "
        "spoken; give the text in English, or name another engine and language"
    ),
    "a" * 51: (
        "text: 'aaaaaaaaaaaaaaaaaaaa…' has 51 letters or digits in a row, over the 50 of the "
        "longest word; put spaces between words"
    ),
    "1" * 37: (
        "text: '11111111111111111111…' has more digits than the 36 of the largest number that is "
        "spoken; put spaces between digits"
    ),
    "🎵 …": "text: '🎵 …' holds no word that can be spoken in English",
}


@pytest.mark.parametrize("text", REFUSALS)
def test_what_cannot_be_spoken_is_refused(speaker: Hibari, text: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(REFUSALS[text])}$"):
        speaker.speak(text, "en")


def test_another_device_is_refused() -> None:
    with pytest.raises(InputError, match=r"^device, dtype: speech/hibari runs on cpu in float32"):
        open_hibari(device="cuda", dtype="float32")


def test_another_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"is not the file of hibari-tts 0\.2\.1"):
        read_network()


def test_a_package_without_its_network_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "hollow").mkdir()
    (tmp_path / "hollow" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(engine, "PACKAGE", "hollow")
    with pytest.raises(ModelError, match=r"holds the network, is missing; run `pip install"):
        read_network()


def test_a_tensor_of_too_long_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="the name is too long"):
        with_output(b"", "a" * 128)

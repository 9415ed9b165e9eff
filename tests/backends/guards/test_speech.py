"""The guard of speech engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from autovoice_core import Audio, ContractViolation, InputError, Provenance
from autovoice_core._speech import MAX_SENTENCE_CHARACTERS, Speech, TimedPhone, TimedWord
from autovoice_core.backends.guards import guard

MADE_BY = Provenance("speech", "mine/engine", "mine 1.0", "cpu", "float32")
HEAD = r"^mine/engine \(mine 1.0\) on cpu broke its contract: "


def ah(samples: Any = None, words: tuple[TimedWord, ...] = (TimedWord("ah", 0, 0.5),)) -> Speech:
    samples = np.full(4000, 0.1, np.float32) if samples is None else samples
    return Speech(Audio(samples, 8000), (TimedPhone("ɑ", 0, 0.5, "vowel"),), words)


class Engine:
    languages: Any = frozenset({"en", "pt-BR"})
    result: Any = ah()
    pieces: Any = None

    def sentences(self, text: str, language: str) -> Sequence[str]:
        self.language = language
        return [text] if self.pieces is None else self.pieces

    def speak(self, text: str, language: str, *, seed: int = 0) -> Any:
        self.language = language
        return self.result


def guarded(latency: float | None = None, **attributes: Any) -> Any:
    engine = Engine()
    for name, value in attributes.items():
        setattr(engine, name, value)
    return guard(engine, MADE_BY, latency)


def test_speech_says_what_made_it() -> None:
    assert guarded().speak("ah", "en").audio.made_by == (MADE_BY,)


@pytest.mark.parametrize(
    ("asked", "got"), [("en", "en"), ("EN", "en"), ("en_GB", "en"), ("pt-br", "pt-BR")]
)
def test_a_language_is_found_by_its_tag_or_that_without_the_region(asked: str, got: str) -> None:
    engine = guarded()
    engine.speak("ah", asked)
    assert engine.inner.language == got


@pytest.mark.parametrize("language", ["de", "pt", ""])
def test_another_language_is_refused(language: str) -> None:
    text = (
        f"^language: mine/engine does not speak '{language}', but en, pt-BR; "
        "give one of them or name another engine$"
    )
    with pytest.raises(InputError, match=text):
        guarded().speak("ah", language)


@pytest.mark.parametrize("text", ["", " \n", "...", "🎵"])
def test_text_without_a_word_is_refused(text: str) -> None:
    for call in (guarded().speak, guarded().sentences):
        with pytest.raises(
            InputError, match=r"^text: it holds no word; give text with letters or digits$"
        ):
            call(text, "en")


def test_a_text_too_long_for_a_sentence_is_refused() -> None:
    with pytest.raises(InputError, match="2000 characters are over the 1000 that are spoken at"):
        guarded().speak("a" * 2 * MAX_SENTENCE_CHARACTERS, "en")


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5])
def test_a_seed_out_of_range_is_refused(seed: Any) -> None:
    with pytest.raises(InputError, match=r"^seed: "):
        guarded().speak("ah", "en", seed=seed)


def test_pieces_without_a_letter_are_left_out() -> None:
    assert guarded(pieces=["ah", " ", "ah."]).sentences("ah ah.", "en") == ("ah", "ah.")


FAULTS: dict[str, dict[str, Any]] = {
    "its offer states a latency, which speech engines don't have$": {"latency": 0.1},
    "languages is 'en', not a set of tags such as 'en'$": {"languages": "en"},
    r"languages holds \['English!'\], not tags such as 'en'$": {"languages": ["English!"]},
    "languages holds nothing, not tags such as 'en'$": {"languages": ()},
    "sentences() returned a piece of 1001 characters, over 1000$": {"pieces": ["a" * 1001]},
    "sentences() did not return a sequence of texts$": {"pieces": "ah"},
    "sentences() changed the letters or digits of the text$": {"pieces": ["oh"]},
    "speak() returned NoneType, not Speech$": {"result": None},
    "speak() returned speech without words$": {"result": ah(words=())},
    "speak() returned silence in place of words$": {"result": ah(np.zeros(4000, np.float32))},
    "the audio holds NaN or infinity$": {"result": ah(np.full(4000, np.nan, np.float32))},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_promise_is_named(fault: str) -> None:
    method = "sentences" if "sentences" in fault else "speak"
    with pytest.raises(ContractViolation, match=HEAD + fault.replace("()", r"\(\)")):
        getattr(guarded(**FAULTS[fault]), method)("ah", "en")

"""espeak-ng in a process of its own, where its library is found."""

from __future__ import annotations

import sys

import pytest
from attrs import evolve

from autovoice_core import InputError
from autovoice_speech import espeak
from autovoice_speech.espeak import Espeak, Library, find_espeak, open_espeak

found = find_espeak()
needs_espeak = pytest.mark.skipif(found is None, reason="the library of espeak-ng is not found")


@needs_espeak
@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de", "Der Himmel ist blau.", ["Der", "Himmel", "ist", "blau"]),
        ("ru", "Небо синее.", ["Небо", "синее"]),
        ("el", "Ο ουρανός είναι μπλε.", ["Ο", "ουρανός", "είναι", "μπλε"]),
        ("en", "One of the 25.", ["One", "of the", "25"]),
    ],
)
def test_languages_are_spoken(language: str, text: str, words: list[str]) -> None:
    speech = open_espeak(device="cpu", dtype="float32").speak(text, language)
    assert [word.text for word in speech.words] == words


def test_letters_of_another_script_are_refused() -> None:
    text = (
        "^text: 'П' \\(cyrillic capital letter pe\\) is not of the script of 'de', Latin; "
        "give the text in that, or name its language$"
    )
    with pytest.raises(InputError, match=text):
        Espeak(Library("none", "")).speak("Привет", "de")


@needs_espeak
def test_digits_of_all_scripts_are_spoken() -> None:
    engine = open_espeak(device="cpu", dtype="float32")
    plain, others = (
        ["".join(phone.text for phone in engine.speak(text, "en").phones)]
        for text in ("a 34 and 1", "a ٣٤ and ①")
    )
    assert plain == others


def test_a_numeral_that_would_be_left_out_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Espeak(Library("none", "")).speak("Chapter Ⅳ", "en")
    assert str(caught.value) == (
        "text: 'Ⅳ' (roman numeral four) is a number that espeak-ng leaves out; write it in digits"
    )


def test_another_script_is_refused_before_a_sentence_is_spoken() -> None:
    with pytest.raises(InputError, match=r"^text: 'П' "):
        Espeak(Library("none", "")).sentences("Hallo. Привет.", "de")


@pytest.mark.skipif(not (found and found.data), reason="the wheel espeakng-loader is not found")
def test_data_that_are_missing_are_named() -> None:
    # The system's library falls back on the system's data.
    assert found is not None
    with pytest.raises(RuntimeError, match="its data are missing"):
        Espeak(evolve(found, data="nowhere")).speak("hello", "en")


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "ESPEAK_WHEEL", "no_such_package")
    monkeypatch.setattr(espeak, "find_library", lambda name: None)
    with pytest.raises(RuntimeError, match="the library of espeak-ng is not found; install it"):
        open_espeak(device="cpu", dtype="float32")


def test_a_library_that_is_damaged_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="OSError"):
        Espeak(Library(sys.executable, "")).speak("hello", "en")

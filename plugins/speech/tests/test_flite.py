"""flite in a process of its own, where its libraries are found."""

from __future__ import annotations

import pytest

from autovoice_core import InputError
from autovoice_speech import flite
from autovoice_speech.flite import Flite, Libraries, find_flite, open_flite

found = find_flite()
needs_flite = pytest.mark.skipif(found is None, reason="the libraries of flite are not found")


@needs_flite
def test_a_number_with_pauses_in_it_is_one_word() -> None:
    speech = open_flite(device="cpu", dtype="float32").speak("Call 555-1234 now.", "en")
    assert [word.text for word in speech.words] == ["Call", "555-1234", "now"]


@needs_flite
def test_phones_and_words_are_those_of_the_text() -> None:
    speech = open_flite(device="cpu", dtype="float32").speak("It’s the 2nd café, the the.", "en")
    assert [word.text for word in speech.words] == ["It's", "the", "2nd", "cafe", "the", "the"]
    first = [phone for phone in speech.phones if phone.end <= speech.words[0].end]
    assert [phone.text for phone in first] == ["", "ɪ", "t", "s"]
    assert [phone.stress for phone in first] == [0, 1, 0, 0]


def test_another_script_is_refused() -> None:
    with pytest.raises(InputError, match=r"^text: 'П' .* is not of the Latin script"):
        Flite(Libraries("none", "none")).speak("Привет", "en")


def test_a_letter_without_a_plain_one_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Flite(Libraries("none", "none")).speak("smørbrød", "en")
    assert str(caught.value) == "text: flite has no sound for 'ø'; write it in plain letters"


def test_libraries_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flite, "find_library", lambda name: None)
    with pytest.raises(RuntimeError) as caught:
        open_flite(device="cpu", dtype="float32")
    assert str(caught.value) == (
        "the libraries of flite are not found; install them, for example by `apt install flite`"
    )


def test_a_library_that_is_damaged_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="OSError"):
        Flite(Libraries("no-such-library.so", "none")).speak("hello", "en")

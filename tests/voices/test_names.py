from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core import InputError
from autovoice_core.voices import names
from autovoice_core.voices.names import MAX_NAME_LENGTH, clean_name, similar_names


@pytest.mark.parametrize(
    "name",
    [
        "iona",
        "Édith",
        "美空ひばり",
        "أم كلثوم",
        "👩‍🎤",
        "Ma Rainey's “Black Bottom”",
        "'; DROP TABLE voices; --",
        "../../etc/passwd",
        "x" * MAX_NAME_LENGTH,
    ],
)
def test_a_name_in_any_script_is_kept_as_it_is(name: str) -> None:
    assert clean_name(name) == name


def test_a_combining_accent_and_a_ready_made_letter_are_one_name() -> None:
    assert clean_name("E\u0301dith") == clean_name("Édith") == "Édith"


def test_spaces_around_a_name_do_not_count() -> None:
    assert clean_name("\u3000 iona\u00a0") == "iona"


@given(st.text(max_size=20))
def test_a_clean_name_is_clean_already(name: str) -> None:
    try:
        cleaned = clean_name(name)
    except InputError:
        return
    assert clean_name(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    cleaned.encode()


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "\u0301", "\u2009\u200d"])
def test_a_name_that_nobody_can_see_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        clean_name(name)
    kept = unicodedata.normalize("NFC", name)
    assert str(caught.value) == (
        f"name: {kept!r} has no visible character; give the voice a name that can be read"
    )


@pytest.mark.parametrize("name", ["Ada\u200b", "\ufeffAda", "A\u00adda", "Ada\u2063"])
def test_a_name_that_looks_like_another_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        clean_name(name)
    assert str(caught.value) == (
        f"name: {name!r} holds a character that nobody can see; give the voice a name without it"
    )


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x00b", "a\ud800", "a\u2028b", "\x1b[2Jx", "a\u202eb", "\u2066a"]
)
def test_a_name_that_would_break_a_line_or_a_terminal_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        clean_name(name)
    assert str(caught.value) == (
        f"name: {name!r} holds a control character or a line break; "
        "give the voice a name of one line of text"
    )


def test_an_endless_name_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        clean_name("x" * 201)
    assert str(caught.value) == (
        "name: 201 characters are more than the 200 allowed; give the voice a shorter name"
    )


def test_the_length_of_a_name_counts_after_its_accents_are_joined() -> None:
    assert clean_name("e\u0323\u0302" * MAX_NAME_LENGTH) == "ệ" * MAX_NAME_LENGTH


def test_a_name_far_too_long_is_not_normalised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(names, "unicodedata")
    with pytest.raises(InputError) as caught:
        clean_name("e\u0301" * 1_000_000)
    assert str(caught.value) == (
        "name: 2000000 characters are more than the 200 allowed; give the voice a shorter name"
    )


def test_the_nearest_names_come_first_and_case_is_ignored() -> None:
    assert similar_names("IONA", ["bob", "Iona", "iona", "ioana"]) == ["Iona", "iona", "ioana"]
    assert similar_names("zzz", ["bob", "iona"]) == []

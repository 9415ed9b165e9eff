from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core.metrics import phones
from autovoice_core.metrics.phones import edit_distance
from autovoice_core.synthetic import truth

RATE = 16_000

PHONES = st.lists(st.sampled_from(["AA", "K", "S"]), max_size=8)


@given(PHONES, PHONES, PHONES)
def test_the_edit_distance_is_a_metric(a: list[str], b: list[str], c: list[str]) -> None:
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


def test_the_edit_distance_counts_each_kind_of_error_once() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == 3


def test_the_recogniser_hears_the_same_in_the_same_sound() -> None:
    pytest.importorskip("pocketsphinx", reason="the phone recogniser is not installed")
    recogniser = phones.PhoneRecogniser()
    sound = truth.sing(truth.TENOR, 6, RATE, seed=4).audio.numpy()[0]
    first = recogniser.phones(sound)
    recogniser.phones(sound[::-1].copy())
    assert recogniser.phones(sound) == first
    assert recogniser.phones(sound[:0]) == ()
    assert all(phone.isalpha() for phone in first)

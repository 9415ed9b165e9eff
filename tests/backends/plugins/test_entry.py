from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest
from attrs.exceptions import FrozenInstanceError

from autovoice_core.backends import Catalogue, Entry


def test_a_catalogue_is_immutable_and_pickles(make_entry: Callable[..., Entry]) -> None:
    found = Catalogue((make_entry(),))
    with pytest.raises(FrozenInstanceError):
        found.offers = ()  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(found)) == found


def test_a_catalogue_lists_the_offers_of_an_operation(make_entry: Callable[..., Entry]) -> None:
    pitch, conversion = make_entry("a/x"), make_entry("a/y", "conversion")
    assert Catalogue((pitch, conversion)).of("conversion") == (conversion,)

from __future__ import annotations

import json
import math
from typing import Any

import attrs
import numpy as np
import pytest

from autovoice_core import InputError, Style
from autovoice_core._style import Key, StyleOptions

NO_KEY = "is neither 'auto', 'auto-semitone' nor a number of semitones from -24 to 24"


def test_by_default_nothing_special_is_asked() -> None:
    assert attrs.asdict(Style()) == {
        "key": "auto",
        "formant": 0,
        "strength": 1,
        "breath": "keep",
        "vibrato": 1,
        "seed": 0,
    }


def test_every_attribute_is_an_option() -> None:
    assert list(StyleOptions.__annotations__) == [field.name for field in attrs.fields(Style)]


def test_numbers_of_numpy_are_numbers() -> None:
    style = Style(key=np.float32(3), formant=np.float64(-1), seed=np.int64(5))
    assert (style.key, style.formant, style.seed) == (3, -1, 5)
    assert json.loads(json.dumps(attrs.asdict(style)))["seed"] == 5


def test_a_style_tells_what_is_special_about_it() -> None:
    assert str(Style()) == ""
    assert str(Style(key=-3.0, breath="soften")) == "key -3, breath soften"


@pytest.mark.parametrize("key", [-24, 24.0, "auto", "auto-semitone"])
def test_keys_reach_two_octaves(key: Key) -> None:
    assert Style(key=key).key == key


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        ({"key": math.nan}, f"key: nan {NO_KEY}"),
        ({"key": "high"}, f"key: 'high' {NO_KEY}"),
        ({"key": None}, f"key: None {NO_KEY}"),
        ({"key": 24.5}, f"key: 24.5 {NO_KEY}"),
        ({"key": -1e6}, f"key: -1000000.0 {NO_KEY}"),
        (
            {"formant": 13},
            "formant: 13 is not a number of semitones from -12 to 12; 0 shifts no formant",
        ),
        (
            {"strength": 1.5},
            "strength: 1.5 is not a number from 0 to 1; 1 sounds like the target",
        ),
        (
            {"strength": "much"},
            "strength: 'much' is not a number from 0 to 1; 1 sounds like the target",
        ),
        ({"breath": "hold"}, "breath: 'hold' is not one of keep, soften, remove"),
        ({"vibrato": math.inf}, "vibrato: inf is not a factor from 0 to 2; 1 keeps the vibrato"),
        (
            {"seed": 0.5},
            "seed: 0.5 is not a whole number from 0 to 4294967295; 0 is the default",
        ),
        ({"seed": -1}, "seed: -1 is not a whole number from 0 to 4294967295; 0 is the default"),
    ],
)
def test_what_cannot_be_sung_is_refused(asked: dict[str, Any], refusal: str) -> None:
    with pytest.raises(InputError) as caught:
        Style(**asked)
    assert str(caught.value) == refusal

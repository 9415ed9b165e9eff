from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from guard_helpers import (
    BROKE,
    EARLIER,
    RATE,
    VOICE,
    Anything,
    converter,
    provenance,
    refusal,
    sound,
    track,
)

from autovoice_core import (
    ContractViolation,
    InputError,
    PitchTrack,
)
from autovoice_core._errors import ArgumentError
from autovoice_core.backends.controls import CONTROLS
from autovoice_core.backends.guards import guard
from autovoice_core.backends.guards.converter import checked_controls


@pytest.mark.parametrize("key", [np.nan, np.inf, 40.0])
def test_a_key_is_a_number_within_two_octaves(key: float) -> None:
    assert refusal(ArgumentError, lambda: converter(None).begin(VOICE, track(), RATE, key=key)) == (
        f"key: {key} is neither 'auto', 'auto-semitone' nor a number of semitones from -24 to 24"
    )


def test_a_converter_is_told_what_is_asked_of_it_and_nothing_else() -> None:
    told: list[dict[str, Any]] = []

    class Told(Anything):
        controls = frozenset({"formant", "melody"})

        def begin(self, *arguments: Any, **options: Any) -> Any:
            told.append(options)
            return self

    guarded = guard(Told(), provenance("conversion"))
    asked = {"formant": -1.0, "strength": 1.0, "seed": 0, "melody": None}
    guarded.begin(VOICE, track(), RATE, key=2, **asked)
    assert told == [{"key": 2.0, "formant": -1.0}]
    bad = evolve(track(), f0=np.array([1.0, np.nan, 1.0, 1.0]))
    assert refusal(InputError, lambda: guarded.begin(VOICE, track(), RATE, key=0, melody=bad)) == (
        "melody: f0 holds NaN or infinity; write 0 where there is no pitch"
    )
    assert refusal(ArgumentError, lambda: guarded.begin(VOICE, track(), RATE, key=0, seed=5)) == (
        "seed: mine/x has no noise to seed; leave it at 0"
    )


def test_how_much_to_keep_is_told_to_those_who_choose() -> None:
    told: list[dict[str, Any]] = []

    class Choosy(Anything):
        keeps = 300.0

        def learn(self, recordings: Any, **options: Any) -> Any:
            told.append(options)
            return {}

    chooses = guard(Choosy(), provenance("conversion"))
    chooses.learn([])
    chooses.learn([], keep=20.0)
    assert told == [{}, {"keep": 20.0}]
    assert refusal(ArgumentError, lambda: converter({}).learn([], keep=20.0)) == (
        "keep: mine/x chooses what it keeps of recordings; omit it"
    )


@pytest.mark.parametrize("controls", [["formant"], frozenset({"loudness"}), None])
def test_controls_are_some_of_those_there_are(controls: Any) -> None:
    class Mine(Anything):
        pass

    Mine.controls = controls  # type: ignore[attr-defined]
    assert refusal(ContractViolation, lambda: guard(Mine(), provenance("conversion"))).endswith(
        f"broke its contract: controls is {controls!r}, not a frozenset of some of formant, "
        "strength, melody, seed"
    )


REFUSALS = {
    "formant": (1.0, "formant: mine/x can't shift formants; leave it at 0"),
    "strength": (0.5, "strength: mine/x can't stop halfway to the target; leave it at 1"),
    "melody": (
        PitchTrack(np.ones(1), np.ones(1, bool), np.ones(1, np.float32), 0.01),
        "vibrato: mine/x can't change the pitch within notes; leave it at 1",
    ),
    "seed": (3, "seed: mine/x has no noise to seed; leave it at 0"),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_a_control_that_a_backend_lacks_is_refused_where_it_is_used(name: str) -> None:
    value, refusal = REFUSALS[name]
    with pytest.raises(InputError) as caught:
        checked_controls({name: value}, frozenset(), "mine/x")
    assert str(caught.value) == refusal
    assert checked_controls({name: CONTROLS[name].neutral}, frozenset(), "mine/x") == {}
    assert checked_controls({name: value}, frozenset({name}), "mine/x") == {name: value}


class TestConversion:
    def test_a_window_says_all_that_made_it(self) -> None:
        pitch = provenance("pitch")
        conversion = converter(lambda m: m).begin(
            VOICE, track(made_by=(EARLIER, pitch)), RATE, key=0
        )
        conversion.observe(sound(), 0)
        assert conversion.render(sound(), 0).made_by == (EARLIER, pitch, provenance("conversion"))

    def test_a_shorter_window_is_a_contract_violation(self) -> None:
        conversion = converter(lambda m: evolve(m, samples=m.numpy()[:, 1:])).begin(
            VOICE, track(), RATE, key=0
        )
        assert refusal(ContractViolation, lambda: conversion.render(sound(), 0)) == (
            BROKE + "the converted window has shape (2, 63), not (2, 64)"
        )

    def test_a_session_has_the_methods_of_one(self) -> None:
        class Poor(Anything):
            def begin(self, *arguments: Any, key: float) -> object:
                return object()

        guarded = guard(Poor(), provenance("conversion"))
        assert refusal(ContractViolation, lambda: guarded.begin(VOICE, track(), RATE, key=0)) == (
            BROKE + "object has no method observe()"
        )

    @pytest.mark.parametrize(
        ("features", "fault"),
        [
            ([], "learn() returned list, not a mapping"),
            ({"x": [1]}, "feature 'x' is list, not an ndarray"),
            ({1: np.zeros(1)}, "the feature name 1 is not text"),
            ({"x": np.array([None])}, "feature 'x' is of dtype object, not numbers"),
            ({"x": np.array([np.nan])}, "feature 'x' holds NaN or infinity"),
        ],
    )
    def test_features_are_finite_arrays_of_numbers(self, features: Any, fault: str) -> None:
        assert refusal(ContractViolation, lambda: converter(features).learn([])) == BROKE + fault

    def test_features_pass_as_a_dictionary(self) -> None:
        class View(Mapping[str, Any]):
            def __getitem__(self, key: str) -> Any:
                return np.arange(3)

            def __iter__(self) -> Iterator[str]:
                return iter(("x",))

            def __len__(self) -> int:
                return 1

        assert type(converter(View()).learn([])) is dict

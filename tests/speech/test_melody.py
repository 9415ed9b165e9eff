from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core import Expression, InputError
from autovoice_core.speech import melody
from autovoice_core.speech.melody import HOP_SECONDS, melody_f0
from autovoice_core.speech.score import ScoreNote

STRAIGHT = Expression(portamento=0.0, overshoot=0.0, vibrato_extent=0.0)
NOTES = [ScoreNote(0.5, 1.5, 60), ScoreNote(1.5, 2.5, 64), ScoreNote(3.0, 4.0, 57)]


def semitones(expression: Expression) -> NDArray[np.float64]:
    return 69 + 12 * np.log2(melody_f0(NOTES, expression, 4.2) / 440)


def at(keys: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    return keys[round(start / HOP_SECONDS) : round(end / HOP_SECONDS)]


def test_without_expression_the_notes_are_exact() -> None:
    keys = semitones(STRAIGHT)
    for note in NOTES:
        assert at(keys, note.start + 0.01, note.end - 0.01) == pytest.approx(note.key)


def test_before_a_note_its_pitch_is_ready_for_its_consonants() -> None:
    keys = semitones(STRAIGHT)
    assert at(keys, 0.0, 0.5) == pytest.approx(60)
    assert at(keys, 2.7, 3.0) == pytest.approx(57)


def test_portamento_glides_between_connected_notes_alone() -> None:
    keys = semitones(Expression(portamento=0.1, overshoot=0.0, vibrato_extent=0.0))
    glide = at(keys, 1.425, 1.53)
    assert np.all(np.diff(glide) >= 0)
    assert np.count_nonzero((glide > 60.1) & (glide < 63.9)) > 10
    rest = at(keys, 2.5, 3.0)
    assert set(np.round(rest, 6)) == {57.0, 64.0}


def test_a_glide_passes_its_note_by_the_overshoot() -> None:
    keys = semitones(Expression(overshoot=40.0, vibrato_extent=0.0))
    assert at(keys, 1.5, 2.4).max() == pytest.approx(64.4, abs=0.01)
    assert at(keys, 1.9, 2.4) == pytest.approx(64.0, abs=0.01)


def test_vibrato_has_the_extent_and_rate_asked_for_on_long_notes() -> None:
    keys = semitones(Expression(overshoot=0.0, vibrato_extent=80.0, vibrato_rate=6.0))
    middle = at(keys, 2.1, 2.4) - 64
    assert np.abs(middle).max() == pytest.approx(0.8, abs=0.03)
    crossings = np.count_nonzero(np.diff(np.signbit(middle)))
    assert crossings == pytest.approx(2 * 6.0 * 0.3, abs=1)
    assert at(keys, 1.6, 1.75) == pytest.approx(64.0)


@pytest.mark.parametrize("part", ["_connect", "_vibrato"])
def test_each_note_is_worked_on_in_its_own_span(monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    spans = []
    shape = getattr(melody, part)

    def spy(*arguments: Any) -> Any:
        spans.append(len(next(each for each in reversed(arguments) if hasattr(each, "shape"))))
        return shape(*arguments)

    monkeypatch.setattr(melody, part, spy)
    notes = [ScoreNote(at, at + 1, 60 + at % 2) for at in range(100)]
    melody_f0(notes, Expression(), 100.0)
    assert len(spans) in (99, 100)
    assert max(spans) * HOP_SECONDS < 1.1


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("portamento", 2.0, "portamento: 2.0 is not a number of seconds from 0 to 0.5"),
        ("overshoot", "x", "overshoot: 'x' is not a number of cents from 0 to 100"),
        ("vibrato_extent", -1, "vibrato_extent: -1 is not a number of cents from 0 to 200"),
        ("vibrato_rate", 0, "vibrato_rate: 0 is not a number of Hz from 3 to 9"),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Expression(**{name: value})
    assert str(caught.value) == message

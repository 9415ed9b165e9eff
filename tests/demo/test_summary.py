from __future__ import annotations

import pytest

from autovoice_core.demo.measurements import Measurement
from autovoice_core.demo.summary import format_baseline, format_value


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8.649, "dB", "8.6 dB"),
        (None, "cents", "–"),
        (12, "semitones", "+12 semitones"),
        (882_000, "samples", "882,000 samples"),
    ],
)
def test_figures_are_shown_with_their_units(value: float | None, unit: str, text: str) -> None:
    assert format_value(value, unit) == text


def test_without_a_baseline_nothing_is_shown() -> None:
    assert format_baseline(Measurement("pitch", "x", 1.0, "cents")) == ""
    assert format_baseline(Measurement("pitch", "x", 1.0, "cents", 2.0)) == "2.0 cents"

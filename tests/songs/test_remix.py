from __future__ import annotations

import math

import pytest

from autovoice_core.songs.remix import loudness_gain


def test_the_gain_brings_one_loudness_to_the_other() -> None:
    assert loudness_gain(-14.0, -20.0) == pytest.approx(10 ** (6 / 20))
    assert loudness_gain(-20.0, -14.0) == pytest.approx(10 ** (-6 / 20))


def test_the_gain_is_limited_to_24_db() -> None:
    assert loudness_gain(-10.0, -60.0) == pytest.approx(10 ** (24 / 20))


@pytest.mark.parametrize(("reference", "loudness"), [(-math.inf, -14.0), (-14.0, -math.inf)])
def test_silence_is_not_amplified(reference: float, loudness: float) -> None:
    assert loudness_gain(reference, loudness) == 1

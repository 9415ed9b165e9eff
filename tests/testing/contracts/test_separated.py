"""Tests of the vocals with the marks of a separator that the pitch tiers are measured on."""

from __future__ import annotations

import numpy as np

from autovoice_core.synthetic.truth import ALTO, song
from autovoice_core.testing.contracts.pitch.separated import separated_vocals


def test_separated_vocals_are_the_vocals_with_holes_and_residue() -> None:
    made = song(4.0, 16_000, seed=1, singer=ALTO, balance=-2.0)
    separated = separated_vocals(made)
    assert (separated.channels, separated.frames) == (1, made.mixture.frames)
    true, mixture, found = (
        audio.mono().numpy()[0] for audio in (made.stems.vocals, made.mixture, separated)
    )
    errors = [np.mean((true - other) ** 2) / np.mean(true**2) for other in (mixture, found)]
    assert errors[0] > 0.5
    assert 0.02 < errors[1] < 0.2


def test_they_are_the_same_each_time() -> None:
    made = song(2.0, 16_000, seed=1)
    np.testing.assert_array_equal(separated_vocals(made).numpy(), separated_vocals(made).numpy())


def test_without_a_band_they_are_the_vocals() -> None:
    made = song(2.0, 16_000, seed=1, balance=200.0)
    np.testing.assert_allclose(
        separated_vocals(made).numpy()[0], made.stems.vocals.mono().numpy()[0], atol=1e-3
    )

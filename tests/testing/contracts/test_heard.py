"""Two sounds are heard as the same whatever the phases, but not with another sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from autovoice_core.synthetic import truth
from autovoice_core.testing.contracts.common.heard import heard_difference

RATE = 8000
Samples = NDArray[np.float64]


def sung(turned: float = 0.0, cents: float = 0.0) -> Samples:
    """Return vowels with pauses, whose partials begin at other phases if ``turned``."""
    seconds = np.arange(2 * RATE) / RATE
    f0 = 200 * 2 ** ((np.sin(2 * np.pi * 5 * seconds) / 4 + cents / 100) / 12)
    phase = 2 * np.pi * np.cumsum(f0) / RATE
    partials = sum(np.cos(k * phase + turned * k**2) / k for k in range(1, 19))
    noise = np.random.default_rng(round(turned)).standard_normal(len(seconds))
    return ((partials + 0.01 * noise) * (seconds % 0.7 < 0.5))[None] / 10


def low_passed(samples: Samples) -> Samples:
    spectrum = np.fft.rfft(samples)
    spectrum[:, np.fft.rfftfreq(samples.shape[1], 1 / RATE) > 2000] = 0
    return np.fft.irfft(spectrum, samples.shape[1])


def test_other_phases_are_not_heard() -> None:
    one, other = sung(), sung(turned=1.0)
    assert np.corrcoef(one[0], other[0])[0, 1] < 0.5
    assert heard_difference(one, other, RATE) is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda sound: 0.85 * sound, "its level differs by -1.4 dB"),
        (lambda _: np.roll(sung(), 80, axis=1), "it is 10 ms late"),
        (lambda _: sung(turned=1.0, cents=20), "the SDR of the two spectrograms is only "),
        (low_passed, "its spectrum differs by "),
    ],
)
def test_another_sound_is_heard(change: Callable[[Any], Any], fault: str) -> None:
    found = heard_difference(sung(), change(sung(turned=1.0)), RATE)
    assert found is not None
    assert found.startswith(fault)


def test_a_fault_of_any_channel_is_heard() -> None:
    one, other = np.concatenate([sung()] * 2), np.concatenate([sung(), sung(cents=50)])
    assert heard_difference(one, other, RATE) is not None
    assert heard_difference(one, one[::-1], RATE) is None


def test_a_singer_of_the_suite_is_heard_as_another_take_is_not() -> None:
    takes = [truth.sing(truth.ALTO, 2.0, RATE, seed=seed).audio.numpy() for seed in (6, 7)]
    assert heard_difference(takes[0], takes[0], RATE) is None
    assert heard_difference(takes[0], takes[1], RATE) is not None

from __future__ import annotations

from concurrent.futures import CancelledError

import numpy as np
import pytest

from autovoice_core.audio.source import AudioInMemory, Scaled, WhileWanted
from autovoice_core.synthetic import truth

RATE = 16_000


def test_a_scaled_source_is_the_source_times_the_gain() -> None:
    audio = AudioInMemory(truth.sing(truth.BASS, 1, RATE, seed=2).audio)
    half = Scaled(audio, 0.5)
    assert (half.sample_rate, half.channels, half.frames) == (RATE, 1, audio.frames)
    for one, other in zip(half.blocks(999), audio.blocks(999), strict=True):
        np.testing.assert_array_equal(one, other / 2)


def test_a_source_is_read_only_while_it_is_wanted() -> None:
    wanted = [True, True, False]
    blocks = WhileWanted(
        AudioInMemory(truth.sing(truth.BASS, 1, RATE, seed=2).audio), lambda: wanted.pop(0)
    ).blocks(100)
    assert [next(blocks).shape, next(blocks).shape] == [(1, 100)] * 2
    with pytest.raises(CancelledError):
        next(blocks)

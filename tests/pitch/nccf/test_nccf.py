from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core._frames import frame_centres
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

TRACKER = Nccf(xp, ReferencePitchKernels())


@settings(deadline=None, max_examples=15)
@given(
    rate=st.sampled_from([8000, 11025, 44100, 96000]),
    lengths=st.lists(st.integers(0, 30_000), min_size=1, max_size=4),
    seed=st.integers(0, 99),
)
def test_a_batch_is_its_clips_to_the_last_bit(rate: int, lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    voice = 0.3 * np.sin(np.arange(30_000) * 2 * np.pi * 220 / rate) + 0.2
    clips = [
        Audio((voice[:n] + 0.1 * rng.standard_normal(n)).astype(np.float32)[None], rate)
        for n in lengths
    ]
    asked = [frame_centres(n, rate, 0.007) for n in lengths]
    asked[0] = asked[0][:0]
    for found, clip, centres in zip(
        TRACKER.estimate_batch(clips, asked), clips, asked, strict=True
    ):
        alone = TRACKER.estimate(clip, centres)
        np.testing.assert_array_equal(found.f0, alone.f0)
        np.testing.assert_array_equal(found.voiced, alone.voiced)
        np.testing.assert_array_equal(found.confidence, alone.confidence)


def test_an_empty_sound_has_one_unvoiced_frame() -> None:
    frames = TRACKER.estimate(Audio(np.zeros((1, 0), np.float32), 8000), np.array([0]))
    assert not np.any(frames.voiced)

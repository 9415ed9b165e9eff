from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.separation.segments import channel_pairs, overlap_add, segment_starts, segments


@settings(deadline=None)
@given(frames=st.integers(0, 500), length=st.integers(2, 100), data=st.data())
def test_segments_that_are_not_changed_give_the_signal_back(
    frames: int, length: int, data: st.DataObject
) -> None:
    stride = data.draw(st.integers(1, length))
    signal = np.arange(2 * frames, dtype=np.float32).reshape(2, frames)
    parts = list(segments(signal, length, stride))
    assert len(parts) == len(segment_starts(frames, length, stride))
    assert all(segment.shape == (2, length) for segment in parts)
    np.testing.assert_allclose(overlap_add(parts, frames, length, stride), signal, rtol=1e-5)


def test_channels_go_in_pairs_and_an_odd_one_alone() -> None:
    assert channel_pairs(1) == [(0, 0)]
    assert channel_pairs(2) == [(0, 1)]
    assert channel_pairs(5) == [(0, 1), (2, 3), (4, 4)]

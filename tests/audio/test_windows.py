from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core import Audio
from autovoice_core.audio.reading import as_source
from autovoice_core.audio.windows import crossfade, iter_windows


def ramp(frames: int, channels: int = 2) -> Audio:
    samples = np.arange(channels * frames, dtype=np.float32).reshape(channels, frames)
    return Audio(samples, 8000)


sizes = {
    "frames": st.integers(0, 5000),
    "core": st.integers(1, 3000),
    "context": st.integers(0, 3000),
    "grid": st.integers(1, 64),
}


@settings(deadline=None)
@given(**sizes)
def test_cores_cover_the_source_exactly(frames: int, core: int, context: int, grid: int) -> None:
    audio = ramp(frames)
    seen = [
        (w.core, w.samples[:, w.keep])
        for w in iter_windows(as_source(audio), core=core, context=context, grid=grid)
    ]
    assert [c.stop for c, _ in seen[:-1]] == [c.start for c, _ in seen[1:]]
    joined = np.concatenate([s for _, s in seen], axis=1) if seen else audio.numpy()
    np.testing.assert_array_equal(joined, audio.numpy())


@settings(deadline=None)
@given(**sizes)
def test_windows_begin_on_the_grid_and_hold_all_the_context_there_is(
    frames: int, core: int, context: int, grid: int
) -> None:
    audio = ramp(frames)
    for window in iter_windows(as_source(audio), core=core, context=context, grid=grid):
        stop = window.start + window.audio.frames
        assert window.start % grid == 0
        assert window.start == 0 or window.core.start - window.start >= context
        assert stop == frames or stop - window.core.stop >= context
        np.testing.assert_array_equal(window.samples, audio.numpy()[:, window.start : stop])
        assert window.last == (window.core.stop == frames)


@settings(deadline=None)
@given(frames=st.integers(0, 4000), core=st.integers(1, 900), fade=st.integers(0, 300))
def test_a_fade_between_windows_that_agree_changes_nothing(
    frames: int, core: int, fade: int
) -> None:
    audio = ramp(frames)
    pieces = ((w, w.samples) for w in iter_windows(as_source(audio), core=core, context=300))
    blocks = list(crossfade(pieces, fade))
    joined = np.concatenate(blocks, axis=1) if blocks else audio.numpy()
    np.testing.assert_allclose(joined, audio.numpy(), rtol=1e-6)


def test_windows_that_disagree_are_faded_from_one_to_the_next() -> None:
    audio = Audio(np.ones((1, 2000), np.float32), 8000)
    pieces = [
        (w, w.samples * np.float32(i))
        for i, w in enumerate(iter_windows(as_source(audio), core=1000, context=100))
    ]
    first, second = crossfade(pieces, 100)
    assert (first == 0).all()
    assert 0 < second[0, 0] < 0.02
    assert (np.diff(second[0, :100]) > 0).all()
    assert (second[0, 100:] == 1).all()

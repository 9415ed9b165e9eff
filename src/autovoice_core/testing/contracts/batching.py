"""Many clips at once give what they give one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.base import Contract, Place, drawn

Found = tuple[NDArray[Any], ...]


class Batching(Contract):
    """Operations that take a batch. An implementation without one is asked clip after clip."""

    def hear_batch(self, subject: Any, clips: Sequence[Audio]) -> list[Found]:
        """Return what ``subject`` makes of all ``clips`` at once, as arrays on the host."""
        raise NotImplementedError

    def test_a_batch_gives_what_its_clips_give_one_by_one(self, place: Place) -> None:
        subject = self.subject(place)
        lengths = st.one_of(st.integers(0, 3), st.integers(3, 30_000))

        @drawn(
            6,
            rate=st.sampled_from([8_000, 16_000, 44_100]),
            frames=st.lists(lengths, max_size=4).map(lambda drawn: [*drawn, 20_000][:4]),
        )
        def holds(rate: int, frames: list[int]) -> None:
            clips = [
                Audio(self.sound(30_000 / rate, rate, seed=i).numpy()[:, :count].copy(), rate)
                for i, count in enumerate(frames)
            ]
            found = self.hear_batch(subject, clips)
            assert len(found) == len(clips)
            for i, (clip, together) in enumerate(zip(clips, found, strict=True)):
                fault = self.differ(self.hear(subject, clip), together)
                assert fault is None, (
                    f"{self.who} gives something else for clip {i} of {len(clips)}, of {frames} "
                    f"samples at {rate} Hz, than for it alone: {fault}"
                )

    def test_a_batch_may_be_one_or_none(self, place: Place) -> None:
        subject = self.subject(place)
        assert self.hear_batch(subject, []) == []
        clip = self.sound(0.3)
        (found,) = self.hear_batch(subject, [clip])
        fault = self.differ(self.hear(subject, clip), found)
        assert fault is None, f"{self.who} gives something else for a batch of one: {fault}"

    def test_a_batch_leaves_its_clips_alone(self, place: Place) -> None:
        subject = self.subject(place)
        clips = [Audio(self.sound(0.3, seed=seed).numpy().copy(), 16_000) for seed in (1, 2)]
        before = [clip.numpy().copy() for clip in clips]
        self.hear_batch(subject, clips)
        for clip, samples in zip(clips, before, strict=True):
            assert np.array_equal(clip.numpy(), samples), f"{self.who} writes to a batch's clips"

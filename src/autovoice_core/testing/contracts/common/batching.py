"""Tests of batches: many clips at once give what they give one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core._types import Audio
from autovoice_core.testing.contracts.common.contract import Contract, Place
from autovoice_core.testing.contracts.common.strategies import for_examples

Result = tuple[NDArray[Any], ...]


class Batching(Contract):
    """Tests of an operation that takes batches; core works clip by clip where none is offered."""

    def run_batch(self, subject: Any, clips: Sequence[Audio]) -> list[Result]:
        """Return the results of ``subject`` for all ``clips`` at once, as arrays on the host."""
        raise NotImplementedError

    def test_a_batch_gives_what_its_clips_give_one_by_one(self, place: Place) -> None:
        subject = self.subject(place)
        lengths = st.one_of(st.integers(0, 3), st.integers(3, 30_000))

        @for_examples(
            6,
            rate=st.sampled_from([8_000, 16_000, 44_100]),
            frames=st.lists(lengths, max_size=4).map(lambda counts: [*counts, 20_000][:4]),
        )
        def check(rate: int, frames: list[int]) -> None:
            clips = [
                Audio(self.signal(30_000 / rate, rate, seed=i).numpy()[:, :count].copy(), rate)
                for i, count in enumerate(frames)
            ]
            found = self.run_batch(subject, clips)
            assert len(found) == len(clips)
            for i, (clip, together) in enumerate(zip(clips, found, strict=True)):
                fault = self.difference(self.run(subject, clip), together)
                assert fault is None, (
                    f"{self.backend}: in a batch of {len(clips)} clips of {frames} samples at "
                    f"{rate} Hz, the result for clip {i} is not that for it alone: {fault}"
                )

    def test_a_batch_may_be_one_or_none(self, place: Place) -> None:
        subject = self.subject(place)
        assert self.run_batch(subject, []) == []
        clip = self.signal(0.3)
        (found,) = self.run_batch(subject, [clip])
        fault = self.difference(self.run(subject, clip), found)
        assert fault is None, f"{self.backend}: a batch of one gives another result: {fault}"

    def test_a_batch_leaves_its_clips_alone(self, place: Place) -> None:
        subject = self.subject(place)
        clips = [Audio(self.signal(0.3, seed=seed).numpy().copy(), 16_000) for seed in (1, 2)]
        before = [clip.numpy().copy() for clip in clips]
        self.run_batch(subject, clips)
        for clip, samples in zip(clips, before, strict=True):
            assert np.array_equal(clip.numpy(), samples), (
                f"{self.backend} writes to a batch's clips"
            )

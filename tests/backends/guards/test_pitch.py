from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from attrs import evolve
from guard_helpers import (
    BROKE,
    Anything,
    OnlyDLPack,
    estimator,
    provenance,
    refusal,
    sound,
)

from autovoice_core import (
    Audio,
    ContractViolation,
    InputError,
    PitchFrames,
)
from autovoice_core.backends.guards import guard


class Together(Anything):
    """One that also tracks clips together."""

    def estimate_batch(self, audios: Any, centres: Any) -> Any:
        return self._do(audios, centres)


class InMixture(Anything):
    """One that also tracks vocals with their mixture."""

    def estimate_in_mixture(self, vocals: Any, mixture: Any, centres: Any) -> Any:
        return self._do(vocals, mixture, centres)


def together(answer: Any) -> Any:
    return guard(Together(answer), provenance("pitch"))


class TestPitchFrames:
    centres = np.arange(0, 64, 16)

    def frames(self, **changes: Any) -> PitchFrames:
        good = PitchFrames(
            np.array([100.0, 0, 0, 200.0]),
            np.array([True, False, False, True]),
            np.array([1, 0, 0.5, 1], np.float32),
        )
        return evolve(good, **changes)

    def test_good_frames_pass(self) -> None:
        frames = self.frames(f0=OnlyDLPack(self.frames().f0))  # type: ignore[arg-type]
        assert estimator(frames).estimate(sound(1), self.centres) is frames

    def test_no_position_gives_no_frames(self) -> None:
        empty = PitchFrames(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.float32))
        assert estimator(empty).estimate(sound(1), np.zeros(0, np.int64)) is empty

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"f0": [1.0, 0, 0, 2.0]}, "f0 is list, not an array with __dlpack__"),
            (
                {"f0": np.ones(4, np.float32)},
                "f0 is float32 of shape (4,), not float64 of shape (4,)",
            ),
            ({"f0": np.ones(3)}, "f0 is float64 of shape (3,), not float64 of shape (4,)"),
            (
                {"voiced": np.ones(4)},
                "voiced is float64 of shape (4,), not bool of shape (4,)",
            ),
            (
                {"confidence": np.ones(4)},
                "confidence is float64 of shape (4,), not float32 of shape (4,)",
            ),
            *(
                ({"f0": np.array(f0)}, "f0 is not a frequency where voiced and 0 where unvoiced")
                for f0 in (
                    [100.0, np.nan, 0, 200.0],
                    [100.0, 50.0, 0, 200.0],
                    [100.0, 0, 0, 0],
                    [100.0, -1.0, 0, 200.0],
                )
            ),
            *(
                ({"confidence": np.array([0, 0, 0, x], np.float32)}, "confidence is outside 0 to 1")
                for x in (1.1, -0.1, np.nan)
            ),
        ],
    )
    def test_a_lie_is_a_contract_violation(self, changes: dict[str, Any], fault: str) -> None:
        lie = self.frames(**changes)
        assert (
            refusal(ContractViolation, lambda: estimator(lie).estimate(sound(1), self.centres))
            == BROKE + fault
        )

    def test_something_else_is_a_contract_violation(self) -> None:
        assert refusal(
            ContractViolation, lambda: estimator(()).estimate(sound(1), self.centres)
        ) == (BROKE + "estimate() returned tuple, not PitchFrames")

    def test_clips_are_asked_about_one_by_one_if_the_backend_knows_no_batch(self) -> None:
        frames = self.frames()
        clips = estimator(frames).estimate_batch([sound(1)] * 3, [self.centres] * 3)
        assert [clip is frames for clip in clips] == [True] * 3

    def test_clips_are_handed_over_together_if_the_backend_knows_how(self) -> None:
        frames = self.frames()
        clips = together([frames, frames]).estimate_batch([sound(1)] * 2, [self.centres] * 2)
        assert [clip is frames for clip in clips] == [True] * 2
        assert together([]).estimate_batch([], []) == []

    def test_vocals_are_tracked_with_their_mixture_if_the_backend_can(self) -> None:
        frames = self.frames()
        able = guard(InMixture(frames), provenance("pitch"))
        assert able.takes_mixture
        assert not estimator(frames).takes_mixture
        assert able.estimate_in_mixture(sound(1), sound(1), self.centres) is frames

    def test_a_mixture_of_another_length_is_refused(self) -> None:
        able = guard(InMixture(self.frames()), provenance("pitch"))
        longer = Audio(np.zeros((1, 65), np.float32), 16_000)
        assert refusal(
            InputError, lambda: able.estimate_in_mixture(sound(1), longer, self.centres)
        ) == (
            "mixture: 65 samples at 16000 Hz, not 64 at 16000 Hz as the vocals; "
            "give the mixture that they were separated from"
        )

    @pytest.mark.parametrize(
        ("answer", "fault"),
        [
            ([None], "estimate_batch() did not return a list of 2 PitchFrames"),
            ((None, None), "estimate_batch() did not return a list of 2 PitchFrames"),
            ([None, None], "estimate_batch()[0] returned NoneType, not PitchFrames"),
        ],
    )
    def test_a_batch_of_something_else_is_a_contract_violation(
        self, answer: Any, fault: str
    ) -> None:
        def ask() -> Any:
            return together(answer).estimate_batch([sound(1)] * 2, [self.centres] * 2)

        assert refusal(ContractViolation, ask) == BROKE + fault

    @pytest.mark.parametrize(
        ("clips", "count", "message"),
        [
            ([sound(1)], 2, "centres: 2 for 1 clips; give one array for each clip"),
            (
                [sound(1), sound(2)],
                2,
                "audios[1]: it has 2 channels, not 1; take its mono() first",
            ),
            (
                [sound(1), Audio(sound(1).numpy(), 8000)],
                2,
                "audios[1]: it has 8000 Hz, not the 16000 Hz of the first clip; resample it first",
            ),
        ],
    )
    def test_a_batch_that_does_not_fit_is_refused(
        self, clips: list[Audio], count: int, message: str
    ) -> None:
        asked = [self.centres] * count
        assert refusal(InputError, lambda: together([]).estimate_batch(clips, asked)) == message

    def test_positions_of_a_clip_are_refused_by_its_number(self) -> None:
        asked = [self.centres, self.centres[::-1]]
        assert refusal(
            InputError, lambda: together([]).estimate_batch([sound(1)] * 2, asked)
        ).startswith("centres[1]: not an int64 array of increasing sample positions from 0 to ")

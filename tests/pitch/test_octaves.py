from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from autovoice_core import Audio, PitchFrames, PitchTrack, SingingPitchExtractor
from autovoice_core.pitch.octaves import guard_octaves
from autovoice_core.testing.truth import TENOR, sing


def melody(frames: int = 300) -> NDArray[np.float64]:
    return 220 * 2 ** (0.3 * np.sin(np.arange(frames) / 25))


def track(f0: NDArray[np.float64], hop: float = 0.01) -> PitchTrack:
    return PitchTrack(f0, f0 > 0, (f0 > 0).astype(np.float32), hop)


def guarded(f0: NDArray[np.float64]) -> NDArray[np.float64]:
    return guard_octaves(track(f0), fmin=50, fmax=1100).f0


@given(
    start=st.integers(20, 200),
    length=st.integers(1, 14),
    octaves=st.sampled_from([-2, -1, 1, 2]),
)
def test_a_planted_octave_error_is_pulled_back(start: int, length: int, octaves: int) -> None:
    wrong = melody()
    wrong[start : start + length] *= 2.0**octaves
    np.testing.assert_allclose(guarded(wrong), melody())


@pytest.mark.parametrize("at", [slice(0, 8), slice(292, 300)])
def test_an_error_at_the_end_of_a_phrase_is_pulled_back(at: slice) -> None:
    wrong = melody()
    wrong[at] /= 2
    np.testing.assert_allclose(guarded(wrong), melody())


def test_an_error_behind_a_consonant_is_pulled_back() -> None:
    right = melody()
    right[100:105] = 0
    wrong = right.copy()
    wrong[105:112] *= 2
    np.testing.assert_allclose(guarded(wrong), right)


def test_an_octave_that_is_held_is_music() -> None:
    leap = melody()
    leap[100:130] *= 2
    np.testing.assert_array_equal(guarded(leap), leap)


def test_a_short_note_that_is_no_octave_away_is_music() -> None:
    fifth = melody()
    fifth[100:110] *= 1.5
    np.testing.assert_array_equal(guarded(fifth), fifth)


def test_a_step_up_between_two_octaves_is_left_alone() -> None:
    f0 = np.concatenate([np.full(50, 110.0), np.full(8, 220.0), np.full(50, 440.0)])
    np.testing.assert_array_equal(guarded(f0), f0)


def test_a_short_note_far_from_others_is_left_alone() -> None:
    f0 = melody()
    f0[100:160] = 0
    f0[125:133] = 440
    np.testing.assert_array_equal(guarded(f0), f0)


def test_nothing_is_pulled_out_of_the_range() -> None:
    f0 = np.full(100, 40.0)
    f0[40:45] *= 2  # the neighbours lie under fmin
    np.testing.assert_array_equal(guarded(f0), f0)
    np.testing.assert_allclose(guard_octaves(track(f0), fmin=30, fmax=1100).f0, 40)


def test_voicing_confidence_and_origin_stay() -> None:
    f0 = melody()
    f0[50:55] *= 2
    before = attrs.evolve(track(f0), start=3.0)
    after = guard_octaves(before, fmin=50, fmax=1100)
    np.testing.assert_array_equal(after.voiced, before.voiced)
    np.testing.assert_array_equal(after.confidence, before.confidence)
    assert (after.hop, after.start, after.made_by) == (0.01, 3.0, ())


def test_silence_is_left_alone() -> None:
    np.testing.assert_array_equal(guarded(np.zeros(50)), np.zeros(50))


def test_the_extractor_guards_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    from autovoice_core.pitch.nccf.nccf import Nccf

    honest = Nccf.estimate

    def doubled(self: Nccf, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        frames = honest(self, audio, centres)
        f0 = np.array(frames.f0)
        f0[np.flatnonzero(frames.voiced)[60:64]] *= 2
        return attrs.evolve(frames, f0=f0)

    sung = sing(TENOR, 4, 16000, seed=5).audio
    right = SingingPitchExtractor(backend="reference/nccf").extract(sung).f0
    monkeypatch.setattr(Nccf, "estimate", doubled)
    wrong = SingingPitchExtractor(backend="reference/nccf").extract(sung).f0
    guarded = SingingPitchExtractor(backend="reference/nccf", octave_guard=True).extract(sung).f0
    assert not np.array_equal(wrong, right)
    np.testing.assert_allclose(guarded, right)

from __future__ import annotations

import numpy as np
import pytest
from conversion_truth import track

from autovoice_core import PitchTrack
from autovoice_core.conversion.retrieval.f0 import FALLBACK_F0, F0Contour


def test_f0_goes_on_through_gaps_and_the_phase_is_its_integral() -> None:
    rate = 8000
    tune = 200.0 + 50.0 * np.sin(np.arange(2 * rate) / rate * 3.0)
    voiced = np.ones(tune.size)
    voiced[7000:9000] = 0.0
    contour = F0Contour(track(tune, rate, voiced), key=12.0)
    f0, sung = contour.at(np.array([0.5, 1.0, 1.5]))
    assert sung.tolist() == [True, False, True]
    assert f0[1] > 100
    times = np.arange(4000) / rate
    turns = np.diff(contour.phase(times)) * rate
    np.testing.assert_allclose(turns, 2 * tune[:3999], rtol=2e-3)
    # Beyond the track the last f0 goes on.
    beyond = contour.phase(np.array([-1.0, 0.0, 2.5, 3.5]))
    assert beyond[1] - beyond[0] == pytest.approx(2 * tune[0], rel=0.01)
    assert beyond[3] - beyond[2] == pytest.approx(2 * tune[-1], rel=0.01)


@pytest.mark.parametrize("frames", [0, 1])
def test_a_track_of_hardly_any_frames_has_a_phase(frames: int) -> None:
    pitch = PitchTrack(np.zeros(frames), np.zeros(frames, bool), np.zeros(frames, np.float32), 0.01)
    contour = F0Contour(pitch)
    np.testing.assert_allclose(contour.phase(np.array([0.0, 1.0])), [0.0, FALLBACK_F0])
    assert not contour.at(np.array([0.0, 9.0]))[1].any()

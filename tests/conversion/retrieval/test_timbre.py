from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autovoice_core.conversion.retrieval.analysis import VoiceFrames
from autovoice_core.conversion.retrieval.aperiodicity import BANDS, aperiodicity_on_axis
from autovoice_core.conversion.retrieval.mel_axis import FREQUENCIES, POINTS
from autovoice_core.conversion.retrieval.timbre import Timbre


def frames(seed: int, points: int) -> VoiceFrames:
    rng = np.random.default_rng(seed)
    envelope = rng.normal(size=(3, POINTS)).astype(np.float32)
    return VoiceFrames(envelope, rng.uniform(size=(3, points)).astype(np.float32))


def test_timbre_ends_at_the_source_and_at_the_target() -> None:
    source, target = frames(1, BANDS), frames(2, POINTS)
    assert Timbre().applied(source, target) is target
    none = Timbre(strength=0.0).applied(source, target)
    assert np.array_equal(none.envelope, source.envelope)
    assert np.array_equal(none.aperiodicity, aperiodicity_on_axis(source.aperiodicity))


@given(strength=st.floats(0, 1))
def test_timbre_goes_straight_from_one_to_the_other(strength: float) -> None:
    source, target = frames(1, BANDS), frames(2, POINTS)
    found = Timbre(strength=strength).applied(source, target).envelope
    wanted = source.envelope + strength * (target.envelope - source.envelope)
    np.testing.assert_allclose(found, wanted, atol=1e-5)


@given(formant=st.floats(-12, 12), centre=st.floats(600, 2500))
def test_a_resonance_moves_by_the_semitones_asked_for(formant: float, centre: float) -> None:
    peak = -20.0 * np.log2((FREQUENCIES + 1.0) / centre)[None, :].astype(np.float32) ** 2
    moved = Timbre(formant=formant).applied(frames(1, BANDS), VoiceFrames(peak, None)).envelope
    fine = np.geomspace(200, 8000, 4000)
    found = fine[np.argmax(np.interp(fine, FREQUENCIES, moved[0]))]
    assert abs(12 * np.log2(found / centre) - formant) < 1.0

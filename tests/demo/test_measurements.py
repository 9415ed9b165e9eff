from __future__ import annotations

from autovoice_core import Audio
from autovoice_core.demo.measurements import spectral_distance
from autovoice_core.synthetic import truth


def test_two_singers_differ_in_spectrum_and_one_does_not_from_itself() -> None:
    score = truth.compose(4.0, low=200, high=400, seed=1)
    tenor, soprano = (
        truth.sing(singer, sample_rate=22_050, score=score)
        for singer in (truth.TENOR, truth.SOPRANO)
    )
    voiced = tenor.pitch.voiced
    louder = Audio(tenor.audio.numpy() * 2, 22_050)
    assert spectral_distance(tenor.audio, soprano.audio, voiced) > 1
    assert spectral_distance(tenor.audio, louder, voiced) < 0.01

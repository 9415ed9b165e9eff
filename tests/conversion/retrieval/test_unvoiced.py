from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from conversion_truth import track, vowel
from numpy.typing import NDArray
from scipy.signal import lfilter

from autovoice_core import Audio, PitchTrack
from autovoice_core.conversion.retrieval.analysis import analyse
from autovoice_core.conversion.retrieval.frames import sample_positions
from autovoice_core.conversion.retrieval.gaussians import CEPSTRA, Gaussian, orthonormal_basis
from autovoice_core.conversion.retrieval.mel_axis import POINTS, level, without_level
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_core.conversion.retrieval.unvoiced import (
    RANGE,
    UnvoicedMap,
    far_from_voiced,
    loud_enough,
)

RATE, COMPARED, BAND = 16_000, 96, 120
LIKE = np.zeros(1, np.float32)
BASIS = orthonormal_basis(BAND)
Rows = NDArray[np.float64]


def hisses(seed: int, count: int, colour: float) -> Rows:
    """Envelopes at many levels, around the colour: how far the second cepstrum is raised."""
    random = np.random.default_rng(seed)
    cepstra = random.standard_normal((count, CEPSTRA))
    cepstra[:, 0] *= 10.0
    cepstra[:, 2] += colour
    rows = np.zeros((count, POINTS))
    rows[:, :BAND] = cepstra @ BASIS.T
    rows[:, BAND:] = rows[:, BAND - 1 : BAND]
    return rows


def fitted(own: Rows, wanted: Rows) -> UnvoicedMap:
    return UnvoicedMap.fit(Gaussian.of(own), Gaussian.of(wanted), COMPARED, BAND, LIKE)


def mean_shape(rows: Rows) -> Rows:
    mean: Rows = without_level(rows, COMPARED).mean(axis=0)[:COMPARED]
    return mean


def test_hisses_get_the_target_s_mean_spectrum_at_their_own_levels() -> None:
    own, wanted = hisses(1, 500, 0.0), hisses(2, 500, 10.0)
    after = own + fitted(own, wanted).change(own)
    before, left = (np.linalg.norm(mean_shape(each) - mean_shape(wanted)) for each in (own, after))
    assert left < 0.1 * before
    np.testing.assert_allclose(level(after, COMPARED), level(own, COMPARED), atol=0.2)


def test_hisses_remain_as_different_as_they_were_where_both_voices_scatter_alike() -> None:
    own, wanted = hisses(1, 2000, 0.0), hisses(2, 2000, 6.0)
    change = fitted(own, wanted).change(own)
    assert np.std(change, axis=0).max() < 0.3


@pytest.mark.parametrize("colour", [100.0, -100.0])
def test_a_hiss_changes_by_four_nepers_at_most(colour: float) -> None:
    own, wanted = hisses(1, 500, 0.0), hisses(2, 500, colour)
    change = fitted(own, wanted).change(own)
    assert np.abs(change).max() == pytest.approx(4.0, abs=1e-4)


@pytest.mark.parametrize("frames", [1, 30, 59])
def test_of_few_frames_the_mean_is_mapped_part_of_the_way(frames: int) -> None:
    own, wanted = hisses(1, 500, 0.0), hisses(2, frames, 5.0)
    change = fitted(own, wanted).change(own)
    assert np.ptp(change, axis=0).max() < 1e-5  # alike for every frame
    apart = (without_level(wanted, COMPARED) - without_level(own, COMPARED)[:1]).mean(axis=0)
    apart += (without_level(own, COMPARED)[:1] - without_level(own, COMPARED)).mean(axis=0)
    share = frames / (frames + 30.0)
    inside = slice(0, BAND - 10)
    np.testing.assert_allclose(change[0, inside], share * apart[inside], atol=1e-3)


def test_above_the_band_of_the_recordings_a_hiss_stays_as_it_is() -> None:
    own, wanted = hisses(1, 100, 0.0), hisses(2, 100, 10.0)
    change = fitted(own, wanted).change(own)
    assert np.abs(change[:, : BAND - 10]).max() > 1.0
    assert not change[:, BAND:].any()


def test_what_is_learnt_from_is_neither_near_voiced_frames_nor_quiet() -> None:
    voiced = np.zeros(20, bool)
    voiced[8:10] = True
    assert np.flatnonzero(far_from_voiced(voiced)).tolist() == [*range(5), *range(13, 20)]
    envelope = np.full((3, POINTS), -100.0)
    envelope[0, 30], envelope[1, 30], envelope[2, 90] = -RANGE - 0.1, -RANGE + 0.1, 5.0
    assert loud_enough(envelope, 0.0, 80).tolist() == [False, True, False]


def singer(f0: float, colour: float, loudness: float = 0.05) -> tuple[Audio, PitchTrack]:
    """Notes, with hisses between them that one pole colours."""
    time = np.arange(4 * RATE) / RATE
    tune, sung = np.full(time.size, f0), time % 0.4 < 0.25
    noise = lfilter([1.0], [1.0, colour], np.random.default_rng(0).standard_normal(time.size))
    hiss = loudness * noise / np.std(noise)
    sound = np.where(sung, vowel(tune, RATE, breath=0.05), hiss)
    audio = Audio(sound[None].astype(np.float32), RATE)
    return audio, track(tune, RATE, sung.astype(np.float64))


def spectrum_of_hisses(samples: NDArray[np.float32]) -> Rows:
    numbers = np.arange(380)
    numbers = numbers[(numbers % 40 >= 30) & (numbers % 40 < 36)]
    nothing = np.zeros(numbers.size)
    centres = sample_positions(numbers, RATE)
    found = analyse(samples, centres, nothing, np.zeros(numbers.size, bool), RATE)
    return mean_shape(found.envelope)[:80]  # above, recordings at this rate have no sound


Render = Callable[..., NDArray[np.float32]]


@pytest.mark.parametrize("key", [0.0, 4.0])
def test_a_singer_s_hisses_become_the_target_s(
    converter: Retrieval, render: Render, key: float
) -> None:
    (vocals, pitch), recorded = singer(150.0, -0.4), singer(200.0, 0.4)
    voice = SimpleNamespace(features=converter.learn([recorded]))
    converted = render(voice, vocals, pitch, key)
    own, wanted, found = (
        spectrum_of_hisses(each) for each in (vocals.numpy(), recorded[0].numpy(), converted)
    )
    assert np.linalg.norm(found - wanted) < 0.3 * np.linalg.norm(own - wanted)


def unvoiced_change(render: Render, voice: Any, song: tuple[Audio, PitchTrack]) -> float:
    """Return by how much the hisses change, as a share of their amplitude."""
    vocals, pitch = song
    converted = render(voice, vocals, pitch, 0.0)
    middle = (np.arange(vocals.frames) / RATE % 0.4 > 0.3) & (
        np.arange(vocals.frames) / RATE % 0.4 < 0.35
    )
    before, after = vocals.numpy()[0, middle], converted[0, middle]
    return float(np.std(after - before) / np.std(before))


def test_hisses_stay_as_they_are_for_a_voice_made_without_statistics_of_them(
    converter: Retrieval, render: Render
) -> None:
    features = converter.learn([singer(200.0, 0.4)])
    old = {name: values for name, values in features.items() if "unvoiced" not in name}
    song = singer(150.0, -0.4)
    assert unvoiced_change(render, SimpleNamespace(features=features), song) > 0.3
    # What is slow is an offset, which isn't sung.
    assert unvoiced_change(render, SimpleNamespace(features=old), song) < 0.1


def test_hisses_that_are_too_quiet_to_be_known_stay_as_they_are(
    converter: Retrieval, render: Render
) -> None:
    voice = SimpleNamespace(features=converter.learn([singer(200.0, 0.4)]))
    assert unvoiced_change(render, voice, singer(150.0, -0.4, 1e-4)) < 0.1

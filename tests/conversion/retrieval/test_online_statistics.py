"""What a stream learns of its singer, and what a later one takes over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import phrase, track, vowel
from numpy.typing import NDArray

from autovoice_core import Audio
from autovoice_core.conversion.retrieval.content import cepstra
from autovoice_core.conversion.retrieval.gaussians import CEPSTRA, ShapeMap
from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.online_statistics import (
    MEMORY_FRAMES,
    GlidingMap,
    OnlineStatistics,
)
from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.stream.retrieval import LOWEST_F0, StreamingRetrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels

SHAPES = np.random.default_rng(0).standard_normal((5, POINTS)).astype(np.float32)


@pytest.fixture(scope="session")
def converter() -> StreamingRetrieval:
    pitch = Nccf(xp, ReferencePitchKernels(), fmin=LOWEST_F0)
    return StreamingRetrieval(xp, ReferenceConversionKernels(), pitch)


def hissing(f0: float, loudness: float) -> Audio:
    """Notes with white hisses between them."""
    time = np.arange(3 * 16_000) / 16_000
    hiss = loudness * np.random.default_rng(4).standard_normal(time.size)
    sound = np.where(time % 0.4 < 0.25, vowel(np.full(time.size, f0), 16_000, breath=0.05), hiss)
    return Audio(sound[None].astype(np.float32), 16_000)


def own_change(statistics: OnlineStatistics) -> NDArray[Any]:
    """What the singer's own shapes are changed by."""
    change: NDArray[Any] = statistics.mapping.substitution.own.change(SHAPES)
    return change


def newest_change(gliding: GlidingMap) -> NDArray[Any]:
    change: NDArray[Any] = gliding._newest.change(SHAPES)
    return change


def test_what_an_earlier_stream_learnt_of_the_singer_is_known_from_the_first_note(
    converter: StreamingRetrieval, voice: Any
) -> None:
    vocals, _ = phrase(16_000, 120.0, 0.9, 1.2)
    earlier = converter.stream(16_000, voice=voice, key=0.0)
    fresh = own_change(earlier._statistics)
    earlier.feed(vocals)
    options = {"voice": voice, "key": 3.0, "formant": 1.0}
    later = converter.stream(16_000, learnt=earlier.learnt, **options)
    mapping, known = later._statistics.mapping, earlier._statistics.mapping
    wanted = newest_change(earlier._statistics._own)
    distances = [np.abs(each - wanted).mean() for each in (own_change(later._statistics), fresh)]
    # The earlier stream has heard a little more since it fitted its map.
    assert distances[0] < 0.3 * distances[1]
    found, wanted = (each.substitution.selected_mean for each in (mapping, known))
    prior = later._statistics.prior.substitution.selected_mean
    # The earlier stream has selected once more than it has fitted.
    np.testing.assert_allclose(found, wanted, atol=0.1 * np.abs(prior - wanted).max())
    before, kept = own_change(later._statistics), own_change(earlier._statistics)
    later.feed(vocals)
    np.testing.assert_array_equal(own_change(earlier._statistics), kept)
    assert np.abs(own_change(later._statistics) - before).max() > 0


def test_what_an_earlier_stream_learnt_of_unvoiced_sound_is_known_from_the_first_hiss(
    converter: StreamingRetrieval, voice: Any
) -> None:
    earlier = converter.stream(16_000, voice=voice, key=0.0)
    earlier.feed(hissing(150.0, 0.05))
    later = converter.stream(16_000, voice=voice, key=0.0, learnt=earlier.learnt)
    fresh = converter.stream(16_000, voice=voice, key=0.0)
    assert not fresh._statistics.unvoiced.change(SHAPES).any()
    found = later._statistics.unvoiced.change(SHAPES)
    gliding = earlier._statistics.unvoiced.change(SHAPES)
    assert np.abs(gliding).max() > 0.1  # the earlier one is on its way there
    known = earlier._statistics._unvoiced
    known.arrive()
    wanted = earlier._statistics.unvoiced.change(SHAPES)
    # It has heard a little more since it fitted its map.
    assert np.abs(found - wanted).mean() < 0.3 * np.abs(wanted).mean()


@pytest.mark.parametrize(("quieter", "learnt"), [(8.0, True), (10.0, False)])
def test_a_hiss_more_than_forty_decibels_under_the_singer_is_not_learnt_from(
    converter: StreamingRetrieval, voice: Any, quieter: float, learnt: bool
) -> None:
    statistics = converter.stream(16_000, voice=voice, key=0.0)._statistics
    sung = np.zeros((2, POINTS), np.float32)
    statistics.add_source(sung, cepstra(sung, statistics.prior.encoder.basis))
    statistics.add_unvoiced(sung - np.float32(quieter))
    assert statistics.unvoiced.change(SHAPES).any() == learnt


def test_a_voice_without_statistics_of_unvoiced_sound_leaves_it_as_it_is(
    converter: StreamingRetrieval, voice: Any
) -> None:
    old = {name: values for name, values in voice.features.items() if "unvoiced" not in name}
    stream = converter.stream(16_000, voice=SimpleNamespace(features=old), key=0.0)
    stream.feed(hissing(150.0, 0.05))
    assert not stream._statistics.unvoiced.change(SHAPES).any()


def test_a_profile_of_the_singer_says_what_unvoiced_sound_becomes(
    converter: StreamingRetrieval, voice: Any
) -> None:
    sung = hissing(150.0, 0.05)
    voiced = np.arange(sung.frames) / 16_000 % 0.4 < 0.25
    pitch = track(np.full(sung.frames, 150.0), 16_000, voiced.astype(np.float64))
    singer = SimpleNamespace(features=converter.learn([(sung, pitch)]))
    statistics = converter.stream(16_000, voice=voice, key=0.0, singer=singer)._statistics
    assert np.abs(newest_change(statistics._unvoiced)).max() > 0.1


def test_a_stream_that_heard_nothing_leaves_nothing_to_a_later_one(
    converter: StreamingRetrieval, voice: Any
) -> None:
    silent = converter.stream(16_000, voice=voice, key=0.0)
    vocals, _ = phrase(16_000, 120.0, seconds=0.5)
    fresh, later = (
        converter.stream(16_000, voice=voice, key=0.0, learnt=learnt)
        for learnt in (None, silent.learnt)
    )
    np.testing.assert_array_equal(fresh.feed(vocals).numpy(), later.feed(vocals).numpy())


def test_a_singer_learnt_for_one_voice_is_known_for_another_of_a_narrower_band(
    converter: StreamingRetrieval, voice: Any
) -> None:
    vocals, pitch = phrase(8_000, 200.0, 1.1, 2.0)
    narrow = SimpleNamespace(features=converter.learn([(vocals, pitch)]))
    sung, _ = phrase(16_000, 120.0, 0.9, 1.2)
    first = converter.stream(16_000, voice=voice, key=0.0)
    first.feed(sung)
    second = converter.stream(16_000, voice=narrow, key=0.0, learnt=first.learnt)
    heard = converter.stream(16_000, voice=narrow, key=0.0)
    unheard = own_change(heard._statistics)
    heard.feed(sung)
    points = second._statistics.prior.substitution.points
    assert points != first._statistics.prior.substitution.points
    wanted = newest_change(heard._statistics._own)
    error = own_change(second._statistics) - wanted
    assert np.abs(error).mean() < 0.3 * np.abs(unheard - wanted).mean()


def offset_map(offset: float) -> ShapeMap:
    return ShapeMap.affine(np.eye(CEPSTRA), np.full(CEPSTRA, offset), POINTS, SHAPES)


def test_a_map_glides_to_the_newest_by_a_twentieth_of_the_way_each_time() -> None:
    gliding = GlidingMap(offset_map(0.0))
    gliding.aim(offset_map(1.0), 40.0)
    for wanted in (0.05, 0.05 + 0.95 * 0.05):
        gliding.approach()
        np.testing.assert_allclose(gliding.map.offset, wanted, rtol=1e-5)
    gliding.arrive()
    np.testing.assert_array_equal(gliding.map.offset, 1.0)


@pytest.mark.parametrize(("fitted_to", "enough"), [(40.0, 50.0), (400.0, 500.0), (5000.0, 5100.0)])
def test_a_map_is_fitted_anew_after_a_quarter_more_frames_or_a_hundred(
    fitted_to: float, enough: float
) -> None:
    gliding = GlidingMap(offset_map(0.0))
    assert gliding.is_due(1.0)
    gliding.aim(offset_map(1.0), fitted_to)
    assert not gliding.is_due(enough - 1.0)
    assert gliding.is_due(enough)


def test_a_singer_is_learnt_on_even_after_minutes(
    converter: StreamingRetrieval, voice: Any
) -> None:
    statistics = converter.stream(16_000, voice=voice, key=0.0)._statistics
    encoder_basis = statistics.prior.encoder.basis
    random = np.random.default_rng(5)

    def sing(frames: int, tilt: float) -> None:
        colour = np.linspace(-tilt, tilt, POINTS)
        for _ in range(0, frames, 20):
            rows = (colour + random.standard_normal((20, POINTS))).astype(np.float32)
            statistics.add_source(rows, cepstra(rows, encoder_basis))
            statistics.add_unvoiced(rows)

    sing(int(MEMORY_FRAMES) + 1000, 0.0)
    changes = [
        (own_change(statistics), statistics.unvoiced.change(SHAPES)),
    ]
    sing(3000, 3.0)
    changes.append((own_change(statistics), statistics.unvoiced.change(SHAPES)))
    for before, after in zip(*changes, strict=True):
        assert np.abs(after - before).mean() > 0.1


def test_a_stream_that_heard_no_hiss_leaves_what_is_known_of_the_singers(
    converter: StreamingRetrieval, voice: Any
) -> None:
    vocals, pitch = phrase(16_000, 120.0, 0.9, 2.0)
    singer = SimpleNamespace(features=converter.learn([(vocals, pitch)]))
    hum = vowel(np.full(8000, 150.0), 16_000).astype(np.float32)
    earlier = converter.stream(16_000, voice=voice, key=0.0)
    earlier.feed(Audio(hum[None], 16_000))
    fresh, later = (
        converter.stream(16_000, voice=voice, key=0.0, singer=singer, learnt=learnt)
        for learnt in (None, earlier.learnt)
    )
    found, wanted = (each._statistics._hiss for each in (later, fresh))
    assert found.frames == wanted.frames > 0
    np.testing.assert_array_equal(found.mean, wanted.mean)

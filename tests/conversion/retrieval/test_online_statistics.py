"""What a stream learns of its singer, and what a later one takes over."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import phrase

from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.stream.retrieval import LOWEST_F0, StreamingRetrieval
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels


@pytest.fixture(scope="session")
def converter() -> StreamingRetrieval:
    pitch = Nccf(xp, ReferencePitchKernels(), fmin=LOWEST_F0)
    return StreamingRetrieval(xp, ReferenceConversionKernels(), pitch)


def test_what_an_earlier_stream_learnt_of_the_singer_is_known_from_the_first_note(
    converter: StreamingRetrieval, voice: Any
) -> None:
    vocals, _ = phrase(16_000, 120.0, 0.9, 1.2)
    earlier = converter.stream(16_000, voice=voice, key=0.0)
    earlier.feed(vocals)
    options = {"voice": voice, "key": 3.0, "formant": 1.0}
    later = converter.stream(16_000, learnt=earlier.learnt, **options)
    mapping, known = later._statistics.mapping, earlier._statistics.mapping
    np.testing.assert_array_equal(mapping.colour, known.colour)
    found, wanted = (each.substitution.selected_mean for each in (mapping, known))
    prior = later._statistics.prior.substitution.selected_mean
    # The earlier stream has selected once more than it has fitted.
    np.testing.assert_allclose(found, wanted, atol=0.1 * np.abs(prior - wanted).max())
    before = np.array(mapping.colour)
    later.feed(vocals)
    np.testing.assert_array_equal(earlier._statistics.mapping.colour, known.colour)
    assert np.abs(later._statistics.mapping.colour - before).max() > 0


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
    unheard = heard._statistics.mapping.colour
    heard.feed(sung)
    points = second._statistics.prior.substitution.points
    assert points != first._statistics.prior.substitution.points
    wanted = heard._statistics.mapping.colour - unheard
    found = second._statistics.mapping.colour - unheard
    np.testing.assert_allclose(found, wanted, atol=0.01 * np.abs(wanted).max())

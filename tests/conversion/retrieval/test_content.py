from __future__ import annotations

from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import phrase

from autovoice_core.conversion.retrieval.content import (
    COEFFICIENTS,
    ContentEncoder,
    cepstra,
    cosine_basis,
)
from autovoice_core.conversion.retrieval.exemplars import analyse_recording
from autovoice_core.conversion.retrieval.frames import in_context
from autovoice_core.conversion.retrieval.phones import PHONE_LOOK_AHEAD

POINTS_COMPARED = 96


def recorded() -> tuple[Any, Any]:
    """Voiced envelopes, as one run."""
    audio, pitch = phrase(16_000, 150.0)
    recording = analyse_recording(audio, pitch, xp, None)
    frames, voiced = recording.frames, recording.learnt
    envelope = frames.envelope[voiced]
    return envelope, np.arange(len(envelope)) > 0


def test_cepstra_do_not_depend_on_the_level() -> None:
    envelope = np.random.default_rng(0).standard_normal((3, 128))
    basis = cosine_basis(90, envelope)
    np.testing.assert_allclose(cepstra(envelope + 5.0, basis), cepstra(envelope, basis), atol=1e-9)


def test_phones_have_their_share_of_a_comparison() -> None:
    envelope, follows = recorded()
    encoder, content = ContentEncoder.fit(envelope, follows, POINTS_COMPARED, PHONE_LOOK_AHEAD)
    variance = content.features.var(axis=0)
    in_cepstra = 3 * COEFFICIENTS
    assert variance[in_cepstra:].sum() / variance.sum() == pytest.approx(0.6, abs=0.05)
    again = encoder.content(content.units, follows)
    np.testing.assert_array_equal(again.features, content.features)
    np.testing.assert_array_equal(again.posteriors, content.posteriors)


def test_where_few_later_frames_are_known_cepstra_alone_are_compared() -> None:
    envelope, follows = recorded()
    encoder, content = ContentEncoder.fit(envelope, follows, POINTS_COMPARED, 1)
    assert encoder.network is None
    assert content.posteriors is None
    np.testing.assert_array_equal(
        content.features, in_context(content.units, follows, (-5, 0, 1), (0.5, 1.0, 0.5))
    )
    np.testing.assert_array_equal(
        encoder.content(content.units, follows).features, content.features
    )

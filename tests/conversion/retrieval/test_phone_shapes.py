from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from autovoice_core.conversion.retrieval.mel_axis import POINTS
from autovoice_core.conversion.retrieval.phone_shapes import PhoneShapes


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 1000))
def test_an_accent_is_the_difference_of_two_voices_shapes_of_each_phone(seed: int) -> None:
    random = np.random.default_rng(seed)
    posteriors = np.sqrt(random.dirichlet([0.3] * 6, 4000)).astype(np.float32)
    first, second = (random.standard_normal((6, POINTS)).astype(np.float32) for _ in range(2))
    own = PhoneShapes.fit(posteriors, posteriors @ first)
    other = PhoneShapes.fit(posteriors[::2], posteriors[::2] @ second)
    error = (own - other)(posteriors) - posteriors @ (first - second)
    assert np.sqrt((error**2).mean()) < 0.1  # a ridge shrinks; unshrunk, they differ by 1.4 or so
    np.testing.assert_allclose((own - own)(posteriors), 0.0, atol=1e-5)

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from autovoice_core._arrays import all_finite


@given(
    arrays(
        np.float32,
        st.integers(0, 40),
        elements=st.one_of(
            st.floats(width=32), st.sampled_from([3e38, -3e38, float("nan"), float("inf")])
        ),
    )
)
def test_finiteness_is_found_whatever_the_sum_does(values: Any) -> None:
    assert all_finite(values) == bool(np.isfinite(values).all())

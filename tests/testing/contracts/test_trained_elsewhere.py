"""A converter whose voices are trained elsewhere is not asked to learn the suite's."""

from __future__ import annotations

import pytest
from trained_voices import open_half

from autovoice_core.testing import truth
from autovoice_core.testing.contracts.conversion.adapter import voice_of


def test_tests_that_need_a_voice_are_skipped() -> None:
    with pytest.raises(pytest.skip.Exception) as caught:
        voice_of(open_half(device="cpu", dtype="float32"), truth.ALTO)
    assert str(caught.value) == (
        "sings in voices that were trained elsewhere, and learns none of the suite's"
    )

from __future__ import annotations

import pytest

from autovoice_core.synthetic import truth


@pytest.fixture(scope="session")
def short_song() -> truth.Song:
    """Four seconds of a tenor over a band, in stereo."""
    return truth.song(seconds=4, sample_rate=22_050, seed=3, singer=truth.TENOR)

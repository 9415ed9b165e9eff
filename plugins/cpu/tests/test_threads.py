"""The same bits on one thread and on several."""

from __future__ import annotations

import numpy as np
import pytest

from autovoice_core import (
    Audio,
    SingingPitchExtractor,
    SingingVoiceConverter,
    VocalSeparator,
    VoiceProfile,
)
from autovoice_core.synthetic import truth


@pytest.fixture(scope="module")
def song() -> truth.Song:
    """Long enough for three blocks of separation, and for two windows of conversion."""
    return truth.song(seconds=28, sample_rate=16_000, seed=8, singer=truth.TENOR)


def test_separation(song: truth.Song) -> None:
    one, three = (
        VocalSeparator(backend="cpu/wrpca", threads=threads).separate(song.mixture).vocals.numpy()
        for threads in (1, 3)
    )
    assert np.array_equal(one, three)


@pytest.mark.parametrize("key", [0.0, 5.0])
def test_conversion(song: truth.Song, voice: VoiceProfile, key: float) -> None:
    vocals: Audio = song.stems.vocals
    pitch = SingingPitchExtractor(backend="cpu/nccf").extract(vocals)
    one, three = (
        SingingVoiceConverter(backend="cpu/retrieval", threads=threads)
        .convert(vocals, voice, pitch=pitch, key=key)
        .numpy()
        for threads in (1, 3)
    )
    assert np.array_equal(one, three)

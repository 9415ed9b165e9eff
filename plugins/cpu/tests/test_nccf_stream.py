"""Streams of ``cpu/nccf``: equal to those on reference kernels, and quick enough."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest

from autovoice_core import Audio, NoBackend, PitchFrames, SingingPitchExtractor
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferencePitchKernels
from autovoice_core.synthetic.truth import ALTO, add_noise, sing
from autovoice_cpu.kernels.nccf import NumbaPitchKernels


def test_both_kernels_stream_alike() -> None:
    voice = add_noise(sing(ALTO, 2.5, 16000, seed=3).audio, 25)
    blocks = [Audio(voice.numpy()[:, at : at + 3000], 16000) for at in range(0, 12000, 3000)]
    fast, slow = (
        Nccf(xp, kernels).stream(16000, hop=0.01)
        for kernels in (NumbaPitchKernels(), ReferencePitchKernels())
    )

    def assert_equal(one: PitchFrames, other: PitchFrames) -> None:
        np.testing.assert_array_equal(one.f0, other.f0)
        np.testing.assert_array_equal(one.voiced, other.voiced)
        np.testing.assert_array_equal(one.confidence, other.confidence)

    for block in blocks:
        assert_equal(fast.feed(block), slow.feed(block))
    assert_equal(fast.flush(), slow.flush())


def test_a_stream_is_by_a_backend_that_is_quick_enough() -> None:
    assert SingingPitchExtractor().stream(44100).latency <= 0.05
    with pytest.raises(NoBackend):
        SingingPitchExtractor(backend="cpu/nccf").stream(44100, max_latency=0.01)

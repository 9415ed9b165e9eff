"""A batch on a device takes the path that each of its clips takes alone."""

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.pitch.nccf.batch import track_batch
from autovoice_core.pitch.nccf.nccf import Nccf
from autovoice_core.pitch.nccf.reference import ReferenceBatchKernels, ReferencePitchKernels
from autovoice_core.testing.truth import SINGERS, add_noise, sing


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("cut", [False, True])
def test_a_row_is_tracked_as_if_it_were_alone(whole: bool, cut: bool) -> None:
    rate, hop = 8000, 130
    sung = [sing(singer, 1.5, rate, seed=5).audio for singer in SINGERS.values()]
    rows = [add_noise(audio, 10.0).numpy()[0] for audio in sung]
    samples = np.stack([row[: min(map(len, rows))] for row in rows])
    if whole:
        samples = np.round(samples * 32767).astype(np.int16)
    width = samples.shape[1]
    lengths = np.array([width, 3000, 0, width - 1]) if cut else None
    found = track_batch(
        xp, ReferenceBatchKernels(), samples, rate, hop, fmin=80.0, fmax=900.0, lengths=lengths
    )
    alone = Nccf(xp, ReferencePitchKernels(), fmin=80.0, fmax=900.0)
    for i, length in enumerate([width] * len(samples) if lengths is None else lengths):
        row = samples[i : i + 1, :length]
        audio = Audio(row.astype(np.float32) / 32768 if whole else row, rate)
        centres = np.arange(1 + length // hop, dtype=np.int64) * hop
        expected = alone.estimate(audio, centres)
        assert np.any(expected.voiced) or length < 3000
        for name in ("f0", "voiced", "confidence"):
            part = getattr(found, name)[i]
            np.testing.assert_array_equal(part[: len(centres)], getattr(expected, name))
            assert not np.any(part[len(centres) :])

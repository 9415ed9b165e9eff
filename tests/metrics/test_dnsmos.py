from __future__ import annotations

import numpy as np
import pytest

from autovoice_core.metrics import installed_judges
from autovoice_core.synthetic import truth

RATE = 16_000


def test_the_network_scores_singing_above_noise() -> None:
    pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    if installed_judges().quality is None:
        pytest.skip(installed_judges().absent["quality"])
    scorer = installed_judges().quality
    assert scorer is not None
    noise = np.random.default_rng(1).normal(0, 0.1, 144_160).astype(np.float32)
    song = np.resize(truth.sing(truth.SOPRANO, 9, RATE, seed=4).audio.numpy()[0], 144_160)
    assert 1 <= scorer.score(noise) < scorer.score(song) <= 5

from __future__ import annotations

import array_api_compat.numpy as xp
import numpy as np
import pytest

from autovoice_core import Stems
from autovoice_core.separation.wrpca.wrpca import WeightedRobustPCA
from autovoice_core.synthetic import truth
from autovoice_cpu.wrpca import open_wrpca, probe_wrpca


def test_one_thread_computes_what_many_compute() -> None:
    mixture = truth.song(seconds=4, sample_rate=8000, seed=1).mixture
    found = open_wrpca(device="cpu", dtype="float32").separate(mixture)
    expected = WeightedRobustPCA(xp).separate(mixture)
    np.testing.assert_allclose(found.vocals.numpy(), expected.vocals.numpy(), atol=1e-5)


def test_the_probe_runs_a_real_separation(monkeypatch: pytest.MonkeyPatch) -> None:
    probe_wrpca("cpu")
    monkeypatch.setattr(
        WeightedRobustPCA, "separate", lambda self, mixture: Stems(mixture, mixture), raising=True
    )
    with pytest.raises(RuntimeError) as caught:
        probe_wrpca("cpu")
    assert str(caught.value) == ("the stems do not add up to the mixture; reinstall numpy")

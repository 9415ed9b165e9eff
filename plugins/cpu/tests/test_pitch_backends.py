"""The probes of the pitch trackers, and which of them is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import autovoice_cpu.nccf
import autovoice_cpu.swiftf0
from autovoice_core import Audio, PitchFrames, SingingPitchExtractor
from autovoice_cpu.nccf import probe_nccf
from autovoice_cpu.swiftf0 import probe_swiftf0


class Sharp:
    """A tracker that is ten percent sharp."""

    def __init__(self, **options: Any) -> None:
        pass

    def estimate(self, audio: Audio, centres: NDArray[np.int64]) -> PitchFrames:
        return PitchFrames(np.array([242.0]), np.array([True]), np.ones(1, np.float32))


def test_the_probes_run_a_real_operation() -> None:
    probe_nccf("cpu")
    probe_swiftf0("cpu")


def test_a_probe_finds_kernels_that_are_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autovoice_cpu.nccf, "open_nccf", Sharp)
    with pytest.raises(RuntimeError) as failure:
        probe_nccf("cpu")
    assert str(failure.value) == "the compiled kernels miss a tone of 220 Hz; reinstall numba"


def test_a_probe_finds_a_network_that_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(autovoice_cpu.swiftf0, "open_swiftf0", Sharp)
    with pytest.raises(RuntimeError) as failure:
        probe_swiftf0("cpu")
    assert str(failure.value) == "the network misses a tone of 220 Hz; reinstall swift-f0"


def test_the_best_backend_is_the_default() -> None:
    assert SingingPitchExtractor().chosen.backend == "cpu/swiftf0"

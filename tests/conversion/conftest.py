from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_truth import phrase
from numpy.typing import NDArray

from autovoice_core import Audio, PitchTrack
from autovoice_core.conversion.retrieval.retrieval import Retrieval
from autovoice_cpu.kernels.retrieval import NumbaConversionKernels


@pytest.fixture(scope="session")
def converter() -> Retrieval:
    return Retrieval(xp, NumbaConversionKernels())


@pytest.fixture(scope="session")
def voice(converter: Retrieval) -> Any:
    """A voice with formants 15 % higher, recorded at 16 kHz."""
    recordings = [phrase(16_000, f0, 1.15, 6.0) for f0 in (180.0, 220.0)]
    return SimpleNamespace(
        name="mara", features=converter.learn(recordings), f0_range=(160.0, 210.0, 260.0)
    )


@pytest.fixture(scope="session")
def render(converter: Retrieval) -> Callable[..., NDArray[np.float32]]:
    """Converts a song in one piece."""

    def run(voice: Any, vocals: Audio, pitch: PitchTrack, key: float) -> NDArray[np.float32]:
        conversion = converter.begin(voice, pitch, vocals.sample_rate, key=key)
        conversion.observe(vocals, 0)
        return conversion.render(vocals, 0).numpy()

    return run

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import array_api_compat.numpy as xp
import numpy as np
import pytest
from conversion_runs import convert_whole, voice_of
from numpy.typing import NDArray

from autovoice_core.conversion.retrieval.reference import ReferenceConversionKernels
from autovoice_core.conversion.retrieval.retrieval import Retrieval


@pytest.fixture(scope="session")
def converter() -> Retrieval:
    return Retrieval(xp, ReferenceConversionKernels())


@pytest.fixture(scope="session")
def voice(converter: Retrieval) -> Any:
    """A voice with formants 15 % higher, recorded at 16 kHz."""
    return voice_of(converter)


@pytest.fixture(scope="session")
def render(converter: Retrieval) -> Callable[..., NDArray[np.float32]]:
    """Converts a song in one piece."""
    return partial(convert_whole, converter)

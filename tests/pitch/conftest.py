from __future__ import annotations

import pytest


@pytest.fixture(params=["cpu/nccf", "cpu/swiftf0"])
def tracker(request: pytest.FixtureRequest) -> str:
    """The name of each pitch tracker of the CPU backend."""
    return str(request.param)

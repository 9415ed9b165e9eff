from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tracker_tests")


@pytest.fixture(params=["cpu/nccf", "cpu/swiftf0"])
def tracker(request: pytest.FixtureRequest) -> str:
    """The name of each pitch tracker of this package."""
    return str(request.param)

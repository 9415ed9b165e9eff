from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tracker_tests")


@pytest.fixture(params=["reference/nccf"])
def tracker(request: pytest.FixtureRequest) -> str:
    """The name of a pitch tracker."""
    return str(request.param)

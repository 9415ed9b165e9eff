from __future__ import annotations

from tracker_tests import TrackerTests


class TestTracker(TrackerTests):
    """The algorithm of core, on reference kernels."""

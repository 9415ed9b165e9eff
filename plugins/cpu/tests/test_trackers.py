from __future__ import annotations

from tracker_tests import TrackerTests


class TestTracker(TrackerTests):
    """Both trackers of this package."""

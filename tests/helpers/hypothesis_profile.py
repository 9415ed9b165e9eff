"""The settings of Hypothesis for all tests: no example may fail for lack of time, or by chance.

Loaded by being imported. ``pytest --hypothesis-profile=default`` looks for new examples instead.
"""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "any machine",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("any machine")

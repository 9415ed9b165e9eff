from __future__ import annotations

from fuzzing import fuzz, pytest_addoption

__all__ = ["fuzz", "pytest_addoption"]

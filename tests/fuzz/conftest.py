from __future__ import annotations

from fuzzing import fuzz, pytest_addoption, pytest_terminal_summary

__all__ = ["fuzz", "pytest_addoption", "pytest_terminal_summary"]

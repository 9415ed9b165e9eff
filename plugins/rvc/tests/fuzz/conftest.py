from __future__ import annotations

from importlib.util import find_spec

from fuzzing import fuzz, pytest_addoption, pytest_terminal_summary

__all__ = ["fuzz", "pytest_addoption", "pytest_terminal_summary"]

collect_ignore_glob = ["test_*.py"] if find_spec("torch") is None else []

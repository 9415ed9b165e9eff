"""Structured fuzzing: a short run that is always the same, or a long one of new examples.

Imported by the ``conftest.py`` of folders of fuzzers. ``pytest tests/fuzz --fuzz-seconds 600`` runs
each fuzzer there for that long, as ``nox -s fuzz`` does.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from secrets import randbits
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis.strategies import SearchStrategy

Fuzz = Callable[..., None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="look for new examples, for that long in each fuzzer",
    )


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    """Calls a function with examples of a strategy; a failure shows the smallest one found."""
    # The option is unknown where this folder is not named on the command line.
    seconds = request.config.getoption("fuzz_seconds", default=0.0)

    def run(strategy: SearchStrategy[Any], check: Callable[[Any], None], examples: int) -> None:
        once = settings(max_examples=examples, derandomize=False, database=None)
        _checked(strategy, check, once, 0)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _checked(strategy, check, once, randbits(64))

    return run


def _checked(
    strategy: SearchStrategy[Any], check: Callable[[Any], None], once: settings, number: int
) -> None:
    @seed(number)
    @once
    @given(strategy)
    def example(value: Any) -> None:
        check(value)

    example()

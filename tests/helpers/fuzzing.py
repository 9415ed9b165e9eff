"""Structured fuzzing: a short run that is always the same, or a long one of new examples.

Imported by the ``conftest.py`` of folders of fuzzers. ``pytest tests/fuzz --fuzz-seconds 600`` runs
each fuzzer there for that long, as ``nox -s fuzz`` does, and tells how many examples it tried.
"""

from __future__ import annotations

import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from secrets import randbits
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis.errors import HypothesisWarning
from hypothesis.strategies import SearchStrategy

from autovoice_core._printable import LONGEST_SHOWN, printable

Fuzz = Callable[..., None]

MAX_SECONDS = 10.0
"""Processor time of an example, far above what any input may cost and far below for ever."""
MAX_BYTES = 600e6
"""Memory by which an example may raise the most that the process has ever held."""
LONGEST_LINE = LONGEST_SHOWN + 100
"""Most characters of a message, which may quote what others wrote, shortened."""
_TRIED: pytest.StashKey[Counter[str]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz-seconds",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="look for new examples, for that long in each fuzzer",
    )


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if config.getoption("fuzz_seconds", default=0.0):
        tried = config.stash.get(_TRIED, Counter())
        for name, count in [*tried.items(), ("all fuzzers", tried.total())]:
            terminalreporter.write_line(f"{name}: {count} examples")


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    """Calls a function with examples of a strategy; a failure shows the smallest one found."""
    # The option is unknown where this folder is not named on the command line.
    seconds = request.config.getoption("fuzz_seconds", default=0.0)
    tried = request.config.stash.setdefault(_TRIED, Counter())

    def run(strategy: SearchStrategy[Any], check: Callable[[Any], None], examples: int) -> None:
        def bounded(value: Any) -> None:
            tried[request.node.name] += 1
            began, held = time.process_time(), _most_held()
            try:
                check(value)
            except Exception as error:
                error.add_note(f"example: {value!r}"[:10_000])
                raise
            assert time.process_time() - began < MAX_SECONDS
            assert _most_held() - held < MAX_BYTES

        slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
        once = settings(
            max_examples=examples, derandomize=False, database=None, suppress_health_check=slow
        )
        _checked(strategy, bounded, once, 0)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            _checked(strategy, bounded, once, randbits(64))

    return run


def require_line(error: Exception, beginning: str = "") -> None:
    """Check that an error is told in one line that a terminal can show."""
    text = str(error)
    assert text.startswith(beginning)
    rest = text.removeprefix(beginning)  # a name that a user gave is told as it is
    assert rest == printable(rest)
    assert 0 < len(rest) < LONGEST_LINE


def _checked(
    strategy: SearchStrategy[Any], check: Callable[[Any], None], once: settings, number: int
) -> None:
    @seed(number)
    @once
    @given(strategy)
    def example(value: Any) -> None:
        check(value)

    with warnings.catch_warnings():
        # An example that failed may be long to show.
        warnings.simplefilter("ignore", HypothesisWarning)
        example()


def _most_held() -> float:
    """Return the most bytes that this process has held; 0 where the system does not say."""
    if sys.platform == "win32":
        return 0.0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(most if sys.platform == "darwin" else 1024 * most)

"""pytest plugin that collects contracts and reports one line for each backend.

It lies outside the package and imports it only once there is a contract, so that other test runs
start no slower and measure the coverage of all their imports.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

_COUNTS = pytest.StashKey[dict[str, "Counter[str]"]]()
_PROPERTY = "autovoice"
_COMMAND_LINE = "command_line.py"
"""The module of contracts of the backends named on the command line."""
_OUTCOMES = {
    "held": "held",
    "refused": "refused as declared",
    "known": "known failure",
    "failed": "failed",
    "unavailable": "unavailable here",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("autovoice", "contracts of AutoVoice backends")
    group.addoption(
        "--autovoice-backend",
        action="append",
        default=[],
        metavar="NAME",
        help="run the contract of an installed backend, e.g. cpu/nccf; may be repeated",
    )
    group.addoption(
        "--autovoice-require",
        action="store_true",
        help="a device or module that is missing here is a failure, not a skip",
    )
    group.addoption(
        "--autovoice-quick",
        action="store_true",
        help="leave out the tests that take longest, for a first look while you write",
    )
    group.addoption(
        "--autovoice-known",
        action="append",
        default=[],
        type=_known_failure,
        metavar="[BACKEND::]TEST=REASON",
        help="a test that is known to fail, with the reason; one that passes is a failure; "
        "may be repeated",
    )


def _known_failure(text: str) -> tuple[str, str]:
    """Return the test and the reason of a known failure on the command line."""
    test, _, reason = map(str.strip, text.partition("="))
    if not test or not reason:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not TEST=REASON; give for example "
            "'test_noise_is_mostly_unvoiced=needs a noise model'"
        )
    return test, reason


@pytest.fixture
def memory_monitor(record_property: Callable[[str, object], None]) -> Iterator[Any]:
    """Watch a GPU's memory during the test; reports have the ``GPUMemoryMonitor`` as a property."""
    from autovoice_core.memory import GPUMemoryMonitor

    with GPUMemoryMonitor() as monitor:
        yield monitor
    record_property("gpu memory", str(monitor))


def pytest_configure(config: pytest.Config) -> None:
    """Register markers and collect the contracts of backends named on the command line."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    config.stash[_COUNTS] = counts
    for marker in (
        "autovoice_refusal: asks for what a backend does not claim",
        "autovoice_nothing: a contract's test that has no case for this backend",
        "autovoice_slow: left out by --autovoice-quick",
    ):
        config.addinivalue_line("markers", marker)
    backends = config.getoption("autovoice_backend")
    if not backends:
        return
    from autovoice_core.testing.contracts.common.lookup import check_names, label

    check_names(backends)
    for name in backends:
        counts[label(name)] = Counter()
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.args.clear()
    package = find_spec("autovoice_core.testing.contracts")
    assert package is not None  # noqa: S101  # it was imported above
    assert package.origin is not None  # noqa: S101
    config.args.append(str(Path(package.origin).with_name(_COMMAND_LINE)))


def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> Any:
    """Collect contracts that name a backend, whatever their class is called, and no others."""
    if not isinstance(obj, type) or "autovoice_contract" not in dir(obj):
        return None
    if obj.backend:  # type: ignore[attr-defined]
        return pytest.Class.from_parent(collector, name=name, obj=obj)
    if Path(collector.path).name != _COMMAND_LINE:
        return []
    from autovoice_core.testing.contracts.common.lookup import is_offered

    return [
        _contract_of(collector, name, obj, backend)
        for backend in dict.fromkeys(collector.config.getoption("autovoice_backend"))
        if is_offered(backend, obj.operation)
    ]


def _contract_of(collector: Any, name: str, contract: Any, backend: str) -> pytest.Class:
    collected: pytest.Class = pytest.Class.from_parent(collector, name=f"{name}[{backend}]")
    known = {
        test.rpartition("::")[2]: reason
        for test, reason in collector.config.getoption("autovoice_known")
        if test.rpartition("::")[0] in {"", backend}
    }
    collected.obj = type(name, (contract,), {"backend": backend, "known_failures": known})
    return collected


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark known failures as strict expected failures."""
    known = _known_failures(item)
    reason = known.get(item.name) or known.get(getattr(item, "originalname", item.name))
    if reason:
        item.add_marker(pytest.mark.xfail(reason=f"known failure: {reason}", strict=True))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Drop tests that have no case, and with ``--autovoice-quick`` those that are slow."""
    dropped = ["autovoice_nothing"]
    if config.getoption("autovoice_quick"):
        dropped.append("autovoice_slow")
    items[:] = [item for item in items if not any(map(item.get_closest_marker, dropped))]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Record the backend and the outcome in a contract's report."""
    report = yield
    contract = getattr(item, "cls", None)
    if contract is None or not getattr(contract, "autovoice_contract", False):
        return report
    outcome = _outcome(report, refusal=item.get_closest_marker("autovoice_refusal") is not None)
    if outcome:
        from autovoice_core.testing.contracts.common.lookup import label

        report.user_properties.append((_PROPERTY, f"{outcome} {label(contract.backend)}"))
    return report


def _outcome(report: pytest.TestReport, *, refusal: bool) -> str | None:
    if report.failed:
        return "failed"
    if report.skipped:
        if hasattr(report, "wasxfail"):
            return "known"
        return "unavailable" if "unavailable here" in str(report.longrepr) else None
    if report.when == "call":
        return "refused" if refusal else "held"
    return None


class _OutcomeCounter:
    """Counter of outcomes in the process that gets reports, under xdist not that of the tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._counts = config.stash[_COUNTS]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            if name == _PROPERTY:
                outcome, _, backend = str(value).partition(" ")
                self._counts[backend][outcome] += 1


def pytest_sessionstart(session: pytest.Session) -> None:
    """Register the counter of outcomes."""
    session.config.pluginmanager.register(_OutcomeCounter(session.config), "autovoice-counting")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run in which a backend passed no test."""
    counts = session.config.stash[_COUNTS]
    ended_well = session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    collecting = session.config.option.collectonly
    if ended_well and not collecting and any(not count["held"] for count in counts.values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Write a line for each backend."""
    counts = config.stash[_COUNTS]
    if not counts or config.option.collectonly:
        return
    terminalreporter.section("autovoice contracts")
    for backend, count in sorted(counts.items()):
        line = f"{backend}: {summary(count)}"
        if config.getoption("autovoice_quick"):
            line += "; without the slow tests"
        if not count["held"]:
            line += "; a backend that holds nothing fails"
        terminalreporter.write_line(line)


def summary(count: Counter[str]) -> str:
    """Return counts in words: always held and refused, others if there are any."""
    parts = [
        f"{count[outcome]} {words}{'s' if outcome == 'known' and count[outcome] > 1 else ''}"
        for outcome, words in _OUTCOMES.items()
        if count[outcome] or outcome in {"held", "refused"}
    ]
    return ", ".join(parts)


def _known_failures(item: pytest.Item) -> dict[str, str]:
    contract = getattr(item, "cls", None)
    if not getattr(contract, "autovoice_contract", False):
        return {}
    known: dict[str, str] = contract.known_failures  # type: ignore[union-attr]
    return known

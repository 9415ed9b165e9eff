"""The threat model of SECURITY.md names tests that there are."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROW = re.compile(r"^\| (?!risk|---)(.+) \| (.+) \| (.+) \|$", re.MULTILINE)


def test_every_risk_has_a_defence_and_tests_that_exist() -> None:
    text = (TESTS.parent / "SECURITY.md").read_text(encoding="utf-8")
    folders = (TESTS, TESTS.parent / "plugins")
    paths = [path for folder in folders for path in folder.rglob("test_*.py")]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    found = set(re.findall(r"^ *(?:async )?def (test_\w+)", "\n".join(sources), re.MULTILINE))
    rows = ROW.findall(text)
    assert len(rows) > 10
    for risk, _, tests in rows:
        named = re.findall(r"`(test_\w+)`", tests)
        assert named, risk
        assert set(named) <= found, set(named) - found

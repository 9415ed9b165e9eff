"""Tests that docs/promises.md and SECURITY.md name: each of them exists where it is said to be."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROMISES = ROOT / "docs" / "promises.md"
SECURITY = ROOT / "SECURITY.md"
ROW = re.compile(r"^\| (?!---)(.+) \|$", re.MULTILINE)
NODE = re.compile(r"`([\w./-]+\.py)::(test_\w+)`")
NAME = re.compile(r"\btest_\w+\b(?!\.py)")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)", re.MULTILINE)
FOLDERS = ("tests", "plugins", "src/autovoice_core/testing")


def rows(page: Path) -> list[list[str]]:
    """Return the cells of all rows of a page's tables, without their heads."""
    text = page.read_text(encoding="utf-8")
    heads = re.findall(r"^\| (.+) \|\n\|[-|]+\|$", text, re.MULTILINE)
    return [row.split(" | ") for row in ROW.findall(text) if row not in heads]


def defined_in(path: Path) -> set[str]:
    return set(DEFINED.findall(path.read_text(encoding="utf-8"))) if path.is_file() else set()


def test_the_tests_that_promises_name_exist() -> None:
    nodes = NODE.findall(PROMISES.read_text(encoding="utf-8"))
    assert [f"{path}::{name}" for path, name in nodes if name not in defined_in(ROOT / path)] == []


def test_a_promise_names_a_test_or_a_measurement_or_says_that_there_is_none() -> None:
    promises = rows(PROMISES)
    assert len(promises) > 40
    for promise, held in promises:
        assert NODE.search(held) or "](" in held or held.startswith("no test"), promise


def test_no_test_is_named_without_its_file() -> None:
    text = PROMISES.read_text(encoding="utf-8")
    assert set(NAME.findall(text)) == {name for _, name in NODE.findall(text)}


def test_every_risk_has_a_defence_and_a_test() -> None:
    risks = rows(SECURITY)
    assert len(risks) > 10
    for risk, *_, tests in risks:
        assert NAME.search(tests), risk


def test_the_tests_that_security_names_exist() -> None:
    paths = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    found = {name for path in paths for name in defined_in(path)}
    assert set(NAME.findall(SECURITY.read_text(encoding="utf-8"))) <= found

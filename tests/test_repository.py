"""House rules of the repository that a script can check."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted([*(ROOT / "src").rglob("*.py"), *ROOT.glob("plugins/*/src/**/*.py")])
TESTS = sorted([*(ROOT / "tests").rglob("*.py"), *ROOT.glob("plugins/*/tests/**/*.py")])
TEXTS = sorted(
    path
    for folder in ("src", "plugins", "tests", "docs", "examples", "benchmarks", "training")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md", ".toml", ".cu", ".h"} and path != Path(__file__)
)
MAX_LINES = 250

QUESTION = re.compile(r"(What|How|Where|Who|Whose|Whether|When|Which|Why|Between)\b")
"""Openings of a docstring that asks for what a module holds instead of saying it."""
MACHINE_PATH = re.compile(r"(?<![\w./])/(home|root|work|tmp|Users)/\w")


def names(paths: Iterable[Path]) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in paths]


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def first_docstring_line(path: Path) -> str:
    return (ast.get_docstring(ast.parse(text(path))) or "").partition("\n")[0]


def test_a_file_is_short_enough_to_hold_one_idea() -> None:
    long = [path for path in [*MODULES, *TESTS] if len(text(path).splitlines()) > MAX_LINES]
    assert names(long) == []


def test_the_docstring_of_a_module_says_what_it_holds() -> None:
    first_lines = {path: first_docstring_line(path) for path in MODULES}
    assert names(path for path, line in first_lines.items() if not line) == []
    assert [line for line in first_lines.values() if QUESTION.match(line)] == []


def test_no_text_names_a_path_of_one_machine() -> None:
    assert names(path for path in TEXTS if MACHINE_PATH.search(text(path))) == []

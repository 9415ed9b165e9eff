"""Backends that the docs show are those of the examples, through which the suite is run."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from contract_runs import ROOT
from docs_pages import PAGES, page_name

METHODS = {"estimate", "separate", "begin", "speak"}
"""Each is of the implementations of one operation."""
EXAMPLES = [path.read_text() for path in (ROOT / "examples").glob("autovoice-*/src/*/*.py")]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


def implements(code: str) -> bool:
    """Return whether a class in the code is an implementation of an operation."""
    classes = [node for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    return any(
        isinstance(item, ast.FunctionDef) and item.name in METHODS
        for found in classes
        for item in found.body
    )


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_a_page_shows_no_backend_but_those_of_the_examples(page: Path) -> None:
    for code in filter(implements, BLOCK.findall(page.read_text())):
        assert any(code in text for text in EXAMPLES), code


def test_there_are_backends_to_be_shown() -> None:
    assert sum(map(implements, EXAMPLES)) >= 4

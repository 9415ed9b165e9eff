"""The page on reasons: it lists every code there is, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from autovoice_core import backends

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reasons.md"
STAGES = {"Facts": "facts", "Host": "host", "Probe": "probe", "Rank": "rank"}


def codes_of_the_source() -> Iterator[tuple[str, str]]:
    for file in Path(backends.__file__).parent.rglob("*.py"):
        tree = ast.parse(file.read_text("utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Reason":
                stage, code = call.args[:2]
                codes = [code] if isinstance(code, ast.Constant) else assigned(tree, code)
                yield from ((text_of(stage), text_of(each)) for each in codes)


def assigned(tree: ast.Module, variable: ast.expr) -> Iterator[ast.expr]:
    """Yield what is assigned to a variable, together with others: ``code, text = "device", ...``"""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Tuple):
            names = ast.unparse(node.targets[0]).strip("()").split(", ")
            if ast.unparse(variable) in names:
                yield node.value.elts[names.index(ast.unparse(variable))]


def text_of(expression: ast.expr) -> str:
    text = ast.literal_eval(expression)
    assert isinstance(text, str)
    return text


def codes_of_the_page() -> Iterator[tuple[str, str]]:
    for section in PAGE.read_text("utf-8").split("\n## ")[1:]:
        stage = STAGES[section.partition(":")[0]]
        yield from ((stage, code) for code in re.findall(r"^\| `([a-z-]+)` \|", section, re.M))


def test_every_code_is_on_the_page_once_and_no_other() -> None:
    codes = set(codes_of_the_source())
    assert {("facts", "licence"), ("probe", "failed"), ("rank", "name")} < codes
    assert sorted(codes_of_the_page()) == sorted(codes)

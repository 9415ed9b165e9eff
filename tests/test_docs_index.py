"""The first page of the docs: every page can be reached from it, in the repository and the site."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
# Each shows a file from above the docs, which the first page links to.
FROM_ABOVE = {"changelog", "contributing", "security"}
PAGES = {str(page.relative_to(DOCS).with_suffix("")) for page in DOCS.rglob("*.md")} - {"index"}


def test_every_page_is_linked_to_from_the_first_one() -> None:
    text = (DOCS / "index.md").read_text("utf-8")
    assert set(re.findall(r"\]\(([\w/-]+)\.md\)", text)) == PAGES - FROM_ABOVE
    assert {name.lower() for name in re.findall(r"\]\(\.\./([A-Z]+)\.md\)", text)} == FROM_ABOVE


def test_every_page_is_once_in_the_menu_of_the_site() -> None:
    lines = (DOCS / "contents.txt").read_text("utf-8").splitlines()
    entries = [line for line in lines if line and not line.startswith(("```", ":"))]
    assert sorted(entries) == sorted(PAGES)

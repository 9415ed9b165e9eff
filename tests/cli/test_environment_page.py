"""The page on environment variables: it lists every one of ours, and no other."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "environment.md"
NAME = re.compile(r"\bAUTOVOICE_[A-Z]+(?:_[A-Z]+)*\b")


def test_every_variable_is_on_the_page_and_no_other() -> None:
    folders = [ROOT / "src", *ROOT.glob("plugins/*/src")]
    files = [file for folder in folders for file in folder.rglob("*.py")]
    known = {name for file in files for name in NAME.findall(file.read_text("utf-8"))}
    assert "AUTOVOICE_HOME" in known
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    listed = {name for row in rows for name in NAME.findall(row.split(" | ")[0])}
    assert listed == known

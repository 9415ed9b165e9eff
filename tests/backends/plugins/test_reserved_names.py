"""The names that are reserved for plugins of ours, as the docs and the repository have them."""

from __future__ import annotations

import re

from docs_pages import ROOT

from autovoice_core.backends.plugins.declared import OURS


def test_the_docs_list_the_names_that_are_reserved() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text()
    (row,) = re.findall(r"^\| a plugin with the name (.*?) is left out ", page, re.MULTILINE)
    assert set(re.findall(r"`([a-z]+)`", row)) == OURS


def test_they_are_those_of_the_plugins_in_the_repository() -> None:
    assert {file.parent.name for file in ROOT.glob("plugins/*/pyproject.toml")} == OURS

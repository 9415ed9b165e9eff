"""The docs: their examples run, and their links lead somewhere.

Pages that name a backend of autovoice-cpu are run by that package's tests.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs_pages import PAGES, docs_folder, needs_cpu_plugin, page_name, run_examples

__all__ = ["docs_folder"]

RUN_HERE = [page for page in PAGES if not needs_cpu_plugin(page)]


@pytest.mark.parametrize("page", RUN_HERE, ids=page_name)
@pytest.mark.usefixtures("docs_folder")
def test_the_examples_of_a_page_run(page: Path) -> None:
    run_examples(page)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target

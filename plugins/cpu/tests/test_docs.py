"""The examples of the pages that name a backend of this package."""

from __future__ import annotations

from pathlib import Path

import pytest
from docs_pages import PAGES, docs_folder, needs_cpu_plugin, page_name, run_examples

__all__ = ["docs_folder"]


@pytest.mark.parametrize("page", [page for page in PAGES if needs_cpu_plugin(page)], ids=page_name)
@pytest.mark.usefixtures("docs_folder")
def test_the_examples_of_a_page_run(page: Path) -> None:
    run_examples(page)

"""The docs: their examples run, and their links lead somewhere.

Pages that name a backend of autovoice-cpu are run by that package's tests.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from docs_pages import PAGES, ROOT, docs_folder, needs_cpu_plugin, page_name, run_examples

__all__ = ["docs_folder"]

RUN_HERE = [page for page in PAGES if not needs_cpu_plugin(page)]
TOUR = ROOT / "examples" / "tour.ipynb"
OTHERS = (ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"))
LINKED = [*PAGES, *OTHERS, TOUR]


@pytest.mark.parametrize("page", RUN_HERE, ids=page_name)
@pytest.mark.usefixtures("docs_folder")
def test_the_examples_of_a_page_run(page: Path) -> None:
    run_examples(page)


@pytest.mark.parametrize("page", LINKED, ids=page_name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_notebook_is_kept_without_outputs() -> None:
    cells = json.loads(TOUR.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    for cell in code:
        assert (cell["outputs"], cell["execution_count"], cell["metadata"]) == ([], None, {})

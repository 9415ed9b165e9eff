"""The tutorial's files are the example's, and together they pass the contract."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from contract_runs import EXAMPLE, ROOT, run_contracts

PAGE = (ROOT / "docs" / "write-a-backend.md").read_text()
FILES = dict(re.findall(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))


def test_the_tutorial_shows_the_files_of_the_example() -> None:
    project = EXAMPLE.parent
    shown = {project / name: text for name, text in FILES.items()}
    written = {path: path.read_text() for path in shown}
    assert shown == written
    code = {path for path in project.rglob("*.py") if path.name != "__init__.py"}
    assert code <= set(shown)


def test_a_package_typed_in_from_the_tutorial_is_green(tmp_path: Path) -> None:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    package = tmp_path / "src" / "autovoice_acf"
    (package / "__init__.py").touch()
    (package / "py.typed").touch()
    # What `pip install -e .` writes, without asking an index for the build backend.
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    info = tmp_path / "src" / f"autovoice_acf-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.4\nName: {project['name']}\nVersion: {project['version']}\n"
        f"License-Expression: {project['license']}\n"
    )
    points = project["entry-points"]["autovoice.v1"]
    lines = [f"{name} = {target}" for name, target in points.items()]
    (info / "entry_points.txt").write_text("\n".join(["[autovoice.v1]", *lines]))
    done = run_contracts(tmp_path, "tests", path=[tmp_path / "src"])
    assert done.returncode == 0, done.stdout
    line = re.search(r"^acf/tracker 1\.0: .*", done.stdout, re.MULTILINE)
    assert line is not None
    assert line.group() in PAGE

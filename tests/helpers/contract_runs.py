"""Runs of the contract suite in a process of its own, on backends made for tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Not on the path of the tests themselves, where core would discover the toys.
TOYS = ROOT / "tests" / "testing" / "contracts" / "site"
EXAMPLE = ROOT / "examples" / "autovoice-acf" / "src"


def run_contracts(
    folder: Path, *arguments: str, path: list[Path] | None = None
) -> subprocess.CompletedProcess[str]:
    """Return a run of pytest in a new process with the toys, or ``path``, on its path."""
    found = os.pathsep.join(map(str, (*(path or (TOYS, EXAMPLE)), *filter(None, sys.path))))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    return subprocess.run(
        [*command, *arguments],
        cwd=folder,
        # Nothing is enabled: a backend that is named is run all the same.
        env={**os.environ, "PYTHONPATH": found, "AUTOVOICE_PLUGINS": ""},
        capture_output=True,
        text=True,
        check=False,
    )

"""Tests in a new Python process: what it imports, what that leaves behind, what it returns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autovoice_core.testing.contracts.common.contract import Contract, Place, Result
from autovoice_core.testing.contracts.common.licences import weights_of

HASH_SEED = "4711"
"""Of the new process: sets of strings have another order there."""


class Processes(Contract):
    """Tests of what only a new process shows."""

    def test_the_entry_point_imports_nothing_heavy(self) -> None:
        heavy = _report(self.backend, self.operation)["heavy"]
        assert not heavy, (
            f"the plugin of {self.backend} imports {', '.join(heavy)} before it is selected; "
            "name implementations as 'module:name' and import there"
        )

    def test_the_modules_it_needs_are_those_it_names(self) -> None:
        report = _report(self.backend, self.operation)
        if report["error"]:
            pytest.skip(f"unavailable here: {report['error']}")
        named = set(self.entry.offer.imports)
        unnamed = sorted(set(report["used"]) - named)
        assert not unnamed, (
            f"{self.backend} imports {', '.join(unnamed)}, which its offer does not name in imports"
        )
        # Of some packages only the weights are used.
        unused = sorted(
            name for name in named - set(report["loaded"]) if next(weights_of(name), None) is None
        )
        assert not unused, (
            f"the offer of {self.backend} names {', '.join(unused)} in imports, "
            "which it does not import"
        )

    def test_importing_and_opening_it_leave_the_process_as_it_was(self) -> None:
        report = _report(self.backend, self.operation)
        said = report["warned"] or report["printed"].splitlines()
        assert not said, f"{self.backend} is not silent when it is imported and opened: {said[0]}"

    def test_another_process_gives_the_same_result(self, place: Place) -> None:
        subject = self.subject(place)
        if place.device != "cpu":
            pytest.skip(f"a process of its own takes a context of its own on {place.device}")
        found = _report(self.backend, self.operation)["results"]
        fault = self.difference(self.sample_result(subject), found)
        assert fault is None, f"{self.backend}: another process gives another result: {fault}"

    def sample_result(self, subject: Any) -> Result:
        """Return a result that another process can be asked for."""
        return self.run(subject, self.signal(0.6, 44_100, seed=1))


@cache
def _report(backend: str, operation: str) -> dict[str, Any]:
    """Return what a new Python process finds that opens a backend and has it work once."""
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONHASHSEED": HASH_SEED,
    }
    command = [sys.executable, "-m", "autovoice_core.testing.contracts.common.import_probe"]
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(  # noqa: S603  # our own module
            [*command, backend, operation, folder],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        results = [np.load(path) for path in sorted(Path(folder).glob("*.npy"))]
    if done.returncode:
        pytest.fail(
            f"a new Python process can't open {backend}:\n{done.stderr[-2000:]}", pytrace=False
        )
    return {**json.loads(done.stdout.splitlines()[-1]), "results": tuple(results)}

"""The backend that core's tests run on keeps its claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from contract_runs import run_contracts

CLAIMS = "claim or licence or dtype or device or option or float32 or shape or kernels"


@pytest.mark.parametrize(
    ("backend", "tests"),
    [("nccf", "not memory_does"), ("wrpca", CLAIMS), ("retrieval", CLAIMS)],
)
def test_the_reference_backend_keeps_its_contract(tmp_path: Path, backend: str, tests: str) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = run_contracts(tmp_path, "--autovoice-backend", f"reference/{backend}", "-k", tests)
    assert done.returncode == 0, done.stdout
